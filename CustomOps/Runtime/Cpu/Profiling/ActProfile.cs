using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Profiling;

/// <summary>
/// The driver of the profiler: measures groups side by side, each where its place is, so that the result depends on
/// neither tier nor thread count.
/// </summary>
internal static unsafe class ActProfile
{
    /// <summary>Measures the ranges and all sums of a tensor's groups, and what the pieces of some span.</summary>
    /// <param name="tier">Which instructions to use.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="x">The elements.</param>
    /// <param name="layout">The groups.</param>
    /// <param name="selection">Which of them to look at.</param>
    /// <param name="loop">Runs the groups.</param>
    public static GroupMeasurements Ranges(
        KernelTier tier, ElementType type, void* x, PackedLayout layout, GroupSelection selection, IParallelLoop loop)
    {
        var measured = new GroupMeasurements(selection.CountOf(layout.GroupCount), hasPieces: true);
        var profiler = GroupProfiler.For(tier, type);
        var hasStepAlone = layout.Format.HasStepAlone;
        loop.For(measured.Groups.Length, (start, end) =>
        {
            var groups = measured.Groups;
            var pieces = measured.Pieces;
            for (var i = (int)start; i < end; i++)
            {
                var span = selection.Group(layout, i);
                var group = profiler.Measure(x, span);
                if (i % GroupMeasurements.PiecesEvery == 0)
                {
                    ref var fine = ref pieces[i / GroupMeasurements.PiecesEvery];
                    fine = profiler.PiecesOf(x, span);
                    fine.End(span.Length, group.Moments.Zeros, group.Range);
                }
                groups[i] = hasStepAlone ? FromZero(group) : group;
            }
        });
        return measured;
    }

    /// <summary>
    /// Measures the squares of a tensor's groups; of ranges it is told only whether all elements are finite.
    /// </summary>
    /// <inheritdoc cref="Ranges"/>
    public static GroupMeasurements Squares(
        KernelTier tier, ElementType type, void* x, PackedLayout layout, GroupSelection selection, IParallelLoop loop)
    {
        var measured = new GroupMeasurements(selection.CountOf(layout.GroupCount), hasPieces: false);
        var profiler = GroupProfiler.For(tier, type);
        loop.For(measured.Groups.Length, (start, end) =>
        {
            var groups = measured.Groups;
            for (var i = (int)start; i < end; i++)
                groups[i] = MeasuredGroup.OfSquares(profiler.SquaresOf(x, selection.Group(layout, i)));
        });
        return measured;
    }

    /// <summary>The range that a step alone spans.</summary>
    private static MeasuredGroup FromZero(in MeasuredGroup group)
    {
        var range = group.Range;
        return range.IsFinite
            ? group with { Range = range with { Minimum = 0, Maximum = Math.Max(-range.Minimum, range.Maximum) } }
            : group;
    }
}
