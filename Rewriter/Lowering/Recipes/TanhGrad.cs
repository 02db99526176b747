using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>dX = dY·(1 − Y²). Source: derivative of the hyperbolic tangent, in terms of its value.</summary>
internal sealed class TanhGrad : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "TanhGrad");

    public long Opset => 7;

    public void Write(NodeWriter writer)
    {
        var (dY, y) = (writer.Input(0), writer.Input(1));
        writer.Return(0, dY * (1 - y * y));
    }
}
