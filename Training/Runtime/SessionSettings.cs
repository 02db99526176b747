using Microsoft.ML.OnnxRuntime;

namespace OnnxActNN.Training.Runtime;

/// <summary>How sessions are opened; the defaults are those recommended for packed graphs.</summary>
public sealed record SessionSettings
{
    /// <summary>
    /// Whether tensors come from ONNX Runtime's arena; without it they come from, and go back to, the system.
    /// </summary>
    public bool Arena { get; init; }

    /// <summary>
    /// Whether the second run allocates one block laid out in the first; it keeps more alive than packed graphs need.
    /// </summary>
    public bool MemoryPattern { get; init; }

    /// <summary>How far ONNX Runtime may rewrite the graph.</summary>
    public GraphOptimizationLevel Optimization { get; init; } = GraphOptimizationLevel.ORT_ENABLE_ALL;

    /// <summary>Threads within an operator; 0 for one per core.</summary>
    public int Threads { get; init; }

    /// <summary>Start of the name of the profile file; null for no profile.</summary>
    public string? ProfilePrefix { get; init; }

    /// <summary>Where the session writes the graph that its optimizers made; null for nowhere.</summary>
    public string? OptimizedModelPath { get; init; }

    /// <summary>Uses the allocator that is registered with the environment (see <c>CountingAllocator</c>).</summary>
    public bool SharedAllocator { get; init; }

    /// <summary>Registers custom operators and whatever else a session needs.</summary>
    public Action<SessionOptions>? Configure { get; init; }

    /// <summary>The options these settings stand for; the caller disposes them.</summary>
    public SessionOptions ToOptions()
    {
        var options = new SessionOptions
        {
            EnableCpuMemArena = Arena,
            EnableMemoryPattern = MemoryPattern,
            GraphOptimizationLevel = Optimization,
            IntraOpNumThreads = Threads,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        if (SharedAllocator) options.AddSessionConfigEntry("session.use_env_allocators", "1");
        if (ProfilePrefix is not null)
        {
            options.ProfileOutputPathPrefix = ProfilePrefix;
            options.EnableProfiling = true;
        }
        if (OptimizedModelPath is not null) options.OptimizedModelFilePath = OptimizedModelPath;
        Configure?.Invoke(options);
        return options;
    }
}
