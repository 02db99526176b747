using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// dX = dY·(Φ(X) + X·φ(X)) with the normal distribution Φ and its density φ. With u = X/√2:
/// Φ = (1 + erf u)/2 and X·φ(X) = u·exp(−u²)/√π. Source: derivative of X·Φ(X).
/// </summary>
internal sealed class GeluGrad : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "GeluGrad");

    public long Opset => 13;

    public void Write(NodeWriter writer) => writer.Return(0, Gradient(writer.Input(0), writer.Input(1)));

    public static Term Gradient(Term dY, Term x)
    {
        var u = 1 / Math.Sqrt(2) * x;
        var distribution = 0.5 * Erf(u) + 0.5;
        return dY * (distribution + 1 / Math.Sqrt(Math.PI) * (u * Exp(-(u * u))));
    }
}
