using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// The derivative of X·(1 + tanh v)/2 with v = √(2/π)·(X + 0.044715·X³):
/// dX = dY·½·(1 + t + (1 − t²)·√(2/π)·X·(1 + 3·0.044715·X²)), t = tanh v.
/// Source: the tanh approximation of Gelu (Hendrycks and Gimpel, arXiv 1606.08415).
/// </summary>
internal sealed class FastGeluGrad : IRecipe
{
    private const double Cubic = 0.044715;

    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "FastGeluGrad");

    public long Opset => 13;

    public void Write(NodeWriter writer) => writer.Return(0, Gradient(writer.Input(0), writer.Input(1)));

    public static Term Gradient(Term dY, Term x)
    {
        var scaled = Math.Sqrt(2 / Math.PI) * x;
        var square = Cubic * (x * x);
        var t = Tanh(scaled * (square + 1));
        return dY * (0.5 * (t + 1 + (1 - t * t) * (scaled * (3 * square + 1))));
    }
}
