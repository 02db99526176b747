namespace OnnxActNN.GpuCheck.Steps;

/// <summary>Which training steps to run, and how.</summary>
internal sealed record StepRequest
{
    /// <summary>Folders with two step graphs of one model each, <c>plain.onnx</c> and <c>packed.onnx</c>.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];

    /// <summary>ONNX Runtime's execution provider.</summary>
    public StepDevice Device { get; init; } = StepDevice.Cuda;

    /// <summary>The native ONNX Runtime, its file or folder; null for the one that is loaded already.</summary>
    public string? Library { get; init; }

    /// <summary>A folder with the CUDA libraries that the provider needs; null to look for them.</summary>
    public string? CudaLibraries { get; init; }

    /// <summary>Samples of a step.</summary>
    public int Batch { get; init; } = 8;

    /// <summary>Steps that are timed.</summary>
    public int Runs { get; init; } = 10;

    /// <summary>The largest batch that is tried; 0 not to look for the largest.</summary>
    public int MostBatch { get; init; }

    /// <summary>MiB that the provider's arena may take; 0 for all there are.</summary>
    public int MemoryLimit { get; init; }
}
