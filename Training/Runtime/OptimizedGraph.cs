using Microsoft.ML.OnnxRuntime;

namespace OnnxActNN.Training.Runtime;

/// <summary>The graph that a session's optimizers make.</summary>
internal static class OptimizedGraph
{
    /// <summary>Writes what a session with these settings would run; nothing is run.</summary>
    /// <exception cref="OrtLibraryException">ONNX Runtime refuses the graph.</exception>
    public static void Write(string model, string path, SessionSettings settings)
    {
        using var options = (settings with { OptimizedModelPath = path, ProfilePrefix = null }).ToOptions();
        OrtLibrary.Api.OpenSession(OrtEnv.Instance().DangerousGetHandle(), model, options.DangerousGetHandle());
    }
}
