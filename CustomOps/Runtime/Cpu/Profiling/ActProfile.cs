using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Profiling;

/// <summary>
/// The driver of the profiler: measures groups side by side and adds them up in the order of the tensor, so that the result depends
/// on neither tier nor thread count.
/// </summary>
internal static unsafe class ActProfile
{
    /// <summary>How much less smaller groups span is a ratio, which a part of the groups tells.</summary>
    public const int PiecesEvery = 8;

    /// <summary>Measures a tensor.</summary>
    /// <param name="tier">Which instructions to use.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="x">The elements.</param>
    /// <param name="layout">The groups.</param>
    /// <param name="selection">Which of them to look at.</param>
    /// <param name="hasRanges">Whether to look for ranges; else they say no more than whether all elements are finite.</param>
    /// <param name="loop">Runs the groups.</param>
    /// <param name="fine">
    /// As many as groups are looked at, for what their pieces span, of one group in <see cref="PiecesEvery"/>; null where nobody asks.
    /// </param>
    public static MeasuredGroup[] Run(
        KernelTier tier, ElementType type, void* x, PackedLayout layout, in GroupSelection selection, bool hasRanges,
        IParallelLoop loop, FineRanges[]? fine = null)
    {
        var (every, offset) = (selection.Every, selection.Offset);
        var measured = new MeasuredGroup[selection.CountOf(layout.GroupCount)];
        var hasStepAlone = layout.Format.HasStepAlone;
        var profiler = GroupProfiler.For(tier, type);
        loop.For(measured.Length, (start, end) =>
        {
            for (var i = start; i < end; i++)
            {
                var group = layout.Group(offset + i * every);
                measured[i] = hasRanges
                    ? Measure(profiler, x, group, hasStepAlone, withPieces: fine is not null && i % PiecesEvery == 0, out var pieces)
                    : Measure(profiler, x, group, out pieces);
                if (fine is not null) fine[i] = pieces;
            }
        });
        return measured;
    }

    private static MeasuredGroup Measure(GroupProfiler profiler, void* x, in GroupSpan group, bool hasStepAlone, bool withPieces, out FineRanges pieces)
    {
        var measured = profiler.MeasureRanges(x, group, withPieces, out pieces);
        var range = measured.Range;
        return hasStepAlone && range.IsFinite
            ? measured with { Range = range with { Minimum = 0, Maximum = Math.Max(-range.Minimum, range.Maximum) } }
            : measured;
    }

    private static MeasuredGroup Measure(GroupProfiler profiler, void* x, in GroupSpan group, out FineRanges pieces)
    {
        pieces = default;
        var moments = profiler.Measure(x, group);
        return new MeasuredGroup(new GroupRange(0, 0, double.IsFinite(moments.Squares)), moments);
    }
}
