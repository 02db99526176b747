using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>dX = dY where Y &gt; 0, else α·dY. Source: definition of LeakyRelu.</summary>
internal sealed class LeakyReluGrad : IRecipe
{
    private const float DefaultAlpha = 0.01f;

    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "LeakyReluGrad");

    public long Opset => 9;

    public void Write(NodeWriter writer)
    {
        var (dY, y) = (writer.Input(0), writer.Input(1));
        var alpha = writer.Node.Attributes.GetFloat("alpha", DefaultAlpha);
        writer.Return(0, Where(IsPositive(y), dY, alpha * dY));
    }
}
