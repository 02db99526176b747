using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// Resize is a matrix per axis (<see cref="ResizeMatrix"/>), so its gradient is the product with the transposed
/// matrices. X serves for its sizes alone. ONNX Runtime 1.19.2 has this operator on CUDA only.
/// </summary>
internal sealed class ResizeGrad : IRecipe
{
    private const int Scales = 3;

    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "ResizeGrad");

    public long Opset => 13;

    public void Write(NodeWriter writer)
    {
        if (writer.ShapeOf(1) is not { } small || writer.ShapeOf(0) is not { } large)
            throw NodeWriter.Fail("the shapes are not known");
        var scales = writer.Has(Scales) ? writer.ConstantOf(Scales)?.TryGetFloats() : null;
        if (writer.Has(Scales) && scales is null) throw NodeWriter.Fail("the scales are no constant");
        var gradient = writer.Input(0);
        for (var axis = small.Rank - 1; axis >= 0; axis--)
        {
            if (small[axis].Equals(large[axis])) continue;
            if (small[axis].Value is not { } size || large[axis].Value is not { } resized)
                throw NodeWriter.Fail($"the sizes of axis {axis} are not known");
            var matrix =
                ResizeMatrix.Of(writer.Node.Attributes, size, resized, scales?[axis] ?? (double)resized / size);
            gradient = Along(gradient, axis, small.Rank, writer.Numbers([resized, size], matrix));
        }
        writer.Return(0, gradient);
    }

    /// <summary>
    /// Σ over the axis of gradient times matrix; the last axis is multiplied as it lies, others change places with it.
    /// </summary>
    private static Term Along(Term gradient, int axis, int rank, Term matrix)
    {
        if (axis == rank - 1) return MatMul(gradient, matrix);
        var order = Axes(0, rank).ToArray();
        (order[axis], order[^1]) = (order[^1], order[axis]);
        return Transpose(MatMul(Transpose(gradient, order), matrix), order);
    }
}
