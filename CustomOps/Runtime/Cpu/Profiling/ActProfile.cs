using System.Runtime.CompilerServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Profiling;

/// <summary>
/// The driver of the profiler: measures groups side by side and adds them up in the order of the tensor, so that the result depends
/// on neither tier nor thread count.
/// </summary>
internal static unsafe class ActProfile
{
    /// <summary>Measures a tensor.</summary>
    /// <param name="tier">Which instructions to use.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="x">The elements.</param>
    /// <param name="layout">The groups.</param>
    /// <param name="selection">Which of them to look at.</param>
    /// <param name="hasRanges">Whether to look for ranges; else they say no more than whether all elements are finite.</param>
    /// <param name="loop">Runs the groups.</param>
    public static MeasuredGroup[] Run(
        KernelTier tier, ElementType type, void* x, PackedLayout layout, in GroupSelection selection, bool hasRanges,
        IParallelLoop loop)
    {
        var (every, offset) = (selection.Every, selection.Offset);
        var measured = new MeasuredGroup[selection.CountOf(layout.GroupCount)];
        var packer = hasRanges ? KernelTable.Packer(tier, type, layout.Format) : null;
        var profiler = GroupProfiler.For(tier, type);
        loop.For(measured.Length, (start, end) =>
        {
            for (var i = start; i < end; i++) measured[i] = Measure(packer, profiler, layout.Group(offset + i * every), x);
        });
        return measured;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static MeasuredGroup Measure(GroupPacker? packer, GroupProfiler profiler, GroupSpan group, void* x)
    {
        var moments = profiler.Measure(x, group);
        var range = new GroupRange(0, 0, double.IsFinite(moments.Squares));
        packer?.Ranges(x, new ReadOnlySpan<GroupSpan>(ref group), new Span<GroupRange>(ref range));
        return new MeasuredGroup(range, moments);
    }
}
