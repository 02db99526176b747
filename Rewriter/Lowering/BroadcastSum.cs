using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>The gradient of a broadcast: the sum over the axes along which a tensor was repeated.</summary>
internal static class BroadcastSum
{
    /// <summary>Sums a gradient of the shape of the node's input 0 down to the shape of one of its inputs.</summary>
    /// <exception cref="RecipeException">The shapes are not known well enough.</exception>
    public static Term To(Term gradient, NodeWriter writer, int input)
    {
        if (writer.ShapeOf(0) is not { } from || writer.ShapeOf(input) is not { } to)
            throw NodeWriter.Fail($"the shape of input 0 or {input} is not known");
        var leading = from.Rank - to.Rank;
        var axes = Axes(0, leading)
            .Concat(Axes(leading, from.Rank).Where(axis => IsBroadcast(from[(int)axis], to[(int)axis - leading])));
        if (axes.ToList() is not { Count: > 0 } summed) return gradient;
        var sum = ReduceSum(gradient, summed);
        return leading == 0 ? sum : Reshape(sum, writer.ShapeTensor(input));
    }

    private static bool IsBroadcast(Dimension from, Dimension to)
    {
        if (from.Equals(to)) return false;
        return to.Value == 1 ? true : throw NodeWriter.Fail($"the sizes {from} and {to} cannot be told apart");
    }
}
