namespace OnnxActNN.CustomOps.Cpu;

/// <summary>Unpacks one group of elements. Implementations agree in every bit.</summary>
internal abstract unsafe class GroupUnpacker
{
    /// <summary>Writes <paramref name="length"/> elements from element <paramref name="start"/> of y.</summary>
    public abstract void Decode(
        byte* codes, int length, in DecodeParameters parameters, ulong groupKey, void* y, long start);
}
