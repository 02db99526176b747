namespace OnnxActNN.CustomOps.Cpu;

/// <summary>Packs one group of elements: first its range, then its codes. Implementations agree in every bit.</summary>
internal abstract unsafe class GroupPacker
{
    /// <summary>The range of <paramref name="length"/> elements from element <paramref name="start"/> of x.</summary>
    public abstract GroupRange Range(void* x, long start, int length);

    /// <summary>Writes the codes of a group whose parameters are valid.</summary>
    public abstract void Encode(
        void* x, long start, int length, in EncodeParameters parameters, ulong groupKey, byte* codes);
}
