using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>
/// Packs groups that follow each other, several in a call so that what they share is set up once: first their ranges,
/// then their codes. Implementations agree in every bit.
/// </summary>
internal abstract unsafe class GroupPacker
{
    /// <summary>The range of each group of x.</summary>
    public abstract void Ranges(void* x, ReadOnlySpan<GroupSpan> groups, Span<GroupRange> ranges);

    /// <summary>Writes the codes of each group, in order; all are 0 where the parameters are not valid.</summary>
    public abstract void Encode(
        void* x, ReadOnlySpan<GroupSpan> groups, ReadOnlySpan<EncodeParameters> parameters, ulong tensorKey,
        byte* packed);

    protected static void Clear(CodeWidth width, in GroupSpan group, byte* packed) =>
        new Span<byte>(packed + group.CodeOffset, (int)CodeWidths.CodeBytes(width, group.Length)).Clear();
}
