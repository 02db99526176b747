using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Profiling;

/// <summary>Every n-th group of a tensor.</summary>
/// <param name="Every">n, at least 1.</param>
/// <param name="Offset">The first group; below n.</param>
internal readonly record struct GroupSelection(int Every, long Offset)
{
    /// <summary>All groups.</summary>
    public static GroupSelection All => new(1, 0);

    /// <summary>How many of so many groups these are.</summary>
    public int CountOf(long groups) => groups <= Offset ? 0 : checked((int)((groups - Offset - 1) / Every + 1));

    /// <summary>Where the i-th of them lies.</summary>
    public GroupSpan Group(PackedLayout layout, int i) => layout.Group(Offset + (long)i * Every);
}
