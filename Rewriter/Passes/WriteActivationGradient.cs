using OnnxActNN.Format.Derivatives;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.Rewriter.Lowering.Recipes;
using OnnxActNN.Rewriter.Operators;
using OnnxActNN.Rewriter.Shapes;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>
/// Writes the gradients that <see cref="JoinActivationGradient"/> joined in standard operators again, where no codes of
/// the derivative are stored: as dX = dY · f′(z), z = αx, which reads x alone.
/// </summary>
internal static class WriteActivationGradient
{
    public static void Apply(Model model, ForwardBackwardSplit split, InferredTypes types)
    {
        foreach (var node in model.Graph.Nodes.Where(node => node.Operator == OperatorTable.ActivationGrad).ToList())
        {
            var (function, alpha) = DerivativeOf.Read(node);
            var writer = new NodeWriter(model.Graph, node, types, model.Opset, split);
            var x = writer.Input(1);
            writer.Return(
                0, Gradient(function, writer.Input(0), alpha == DerivativeAttributes.DefaultAlpha ? x : alpha * x));
            writer.Finish();
        }
    }

    private static Term Gradient(ActivationFunction function, Term dY, Term z) => function switch
    {
        ActivationFunction.Gelu => GeluGrad.Gradient(dY, z),
        ActivationFunction.FastGelu => FastGeluGrad.Gradient(dY, z),
        ActivationFunction.QuickGelu => QuickGeluGrad.Gradient(dY, z),
        ActivationFunction.Softplus => dY * Sigmoid(z),
        ActivationFunction.Mish => dY * OfMish(z),
        ActivationFunction.HardSwish => dY * OfHardSwish(z),
        ActivationFunction.Elu => dY * Where(IsPositive(z), z.Writer.Number(1), Exp(z)),
        _ => throw new ArgumentOutOfRangeException(
            nameof(function), function, "This function's derivative is read off its output."),
    };

    /// <summary>t + zσ(z)(1 − t²), t = tanh(ln(1 + e^z)).</summary>
    private static Term OfMish(Term z)
    {
        var t = Tanh(Softplus(z));
        return t + z * Sigmoid(z) * (1 - t * t);
    }

    /// <summary>z / 3 + ½, beyond −3 and 3 what it is there.</summary>
    private static Term OfHardSwish(Term z)
    {
        var writer = z.Writer;
        var above = Where(IsPositive(z - 3), writer.Number(1), 1.0 / 3 * z + 0.5);
        return Where(IsPositive(-3 - z), writer.Number(0), above);
    }
}
