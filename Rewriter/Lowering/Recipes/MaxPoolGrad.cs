using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// Zeros of the pool's input, flat, to which each element of dY is added at its index; MaxPool numbers the elements of
/// the whole tensor. Source: definition of MaxPool's second output.
/// </summary>
internal sealed class MaxPoolGrad : IRecipe
{
    public OperatorId Operator { get; } = OperatorId.Onnx("MaxPoolGrad");

    public long Opset => 16;

    public void Write(NodeWriter writer)
    {
        if (writer.Node.Attributes.GetInt("storage_order", 0) != 0) throw NodeWriter.Fail("storage_order is not 0");
        var sizes = PooledSizes.Of(writer);
        var flat = ScatterAdd(
            Zeros(Product(sizes)), Reshape(writer.Input(1), -1), Reshape(writer.Input(0), -1), axis: 0);
        writer.Return(0, Reshape(flat, sizes));
    }
}
