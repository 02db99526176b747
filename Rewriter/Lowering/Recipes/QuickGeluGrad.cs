using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>dX = dY·s·(1 + αX·(1 − s)), s = sigmoid(αX). Source: derivative of X·sigmoid(αX) (SiLU at α = 1).</summary>
internal sealed class QuickGeluGrad : IRecipe
{
    private const float DefaultAlpha = 1.702f;

    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "QuickGeluGrad");

    public long Opset => 13;

    public void Write(NodeWriter writer)
    {
        var alpha = writer.Node.Attributes.GetFloat("alpha", DefaultAlpha);
        var (dY, x) = (writer.Input(0), writer.Input(1));
        writer.Return(0, Gradient(dY, alpha == 1 ? x : alpha * x));
    }

    /// <param name="dY">The gradient.</param>
    /// <param name="scaled">αX.</param>
    public static Term Gradient(Term dY, Term scaled)
    {
        var s = Sigmoid(scaled);
        return dY * (s * (scaled * (1 - s) + 1));
    }
}
