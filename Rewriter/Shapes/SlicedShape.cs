using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes;

/// <summary>Shapes of slices of a batch; see <see cref="BatchSlice"/>.</summary>
internal static class SlicedShape
{
    /// <summary>The shape of a slice of a tensor, whose first dimension counts samples.</summary>
    public static Shape Of(Shape whole, BatchSlice slice)
    {
        if (slice.Count == 1 || whole.Rank == 0) return whole;
        var samples = whole[0];
        if (samples.Value is { } known) return whole.With(0, Dimension.Of(slice.Of(known).Count));
        return whole.With(0, Dimension.Max(Dimension.One, Before(slice.Index + 1) - Before(slice.Index)));

        Dimension Before(long index) => Dimension.FloorDivide(Dimension.Of(index) * samples, Dimension.Of(slice.Count));
    }
}
