namespace OnnxActNN.GpuCheck;

/// <summary>What the program ends with.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>A kernel gave wrong bits, or a run failed.</summary>
    public const int Failed = 1;

    /// <summary>There is no usable CUDA driver.</summary>
    public const int NoDriver = 2;

    /// <summary>The arguments are not understood.</summary>
    public const int Usage = 64;
}
