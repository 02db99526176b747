using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>Unpacks groups that follow each other. Implementations agree in every bit.</summary>
internal abstract unsafe class GroupUnpacker
{
    /// <summary>Writes the elements of each group, in order, to y.</summary>
    public abstract void Decode(
        byte* packed, ReadOnlySpan<GroupSpan> groups, ReadOnlySpan<DecodeParameters> parameters, ulong tensorKey,
        void* y);
}
