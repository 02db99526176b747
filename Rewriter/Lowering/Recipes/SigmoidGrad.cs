using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>dX = dY·Y·(1 − Y). Source: derivative of the logistic function, in terms of its value.</summary>
internal sealed class SigmoidGrad : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "SigmoidGrad");

    public long Opset => 7;

    public void Write(NodeWriter writer)
    {
        var (dY, y) = (writer.Input(0), writer.Input(1));
        writer.Return(0, dY * (y * (1 - y)));
    }
}
