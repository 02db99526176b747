namespace OnnxActNN.CustomOps.Interop;

/// <summary>ONNX Runtime's table of C functions at one API version.</summary>
internal readonly unsafe struct OrtApi(void** functions, uint version)
{
    /// <summary>The first version with the callbacks that report errors (CreateKernelV2, KernelComputeV2).</summary>
    public const uint Oldest = 16;

    /// <summary>The first version with KernelContext_ParallelFor.</summary>
    public const uint ParallelFor = 17;

    /// <summary>The first version that honours GetAliasMap, and the newest that these operators make use of.</summary>
    public const uint Newest = 18;

    public uint Version { get; } = version;

    /// <summary>The function at a position; the caller casts it to its C signature.</summary>
    public void* this[OrtApiSlot slot] => functions[(int)slot];
}
