using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Sensitivity;

/// <summary>
/// Operators whose results are sums of products of an element of one input and an element of another. Independent noise
/// of power P on every element of one shows as (products) · P · (mean square of the other) in the result.
/// </summary>
internal static class Products
{
    /// <summary>
    /// The other factor of an output, and how many products make it; null where the operator is none of these.
    /// </summary>
    /// <param name="node">The operator.</param>
    /// <param name="input">Where the one factor goes in.</param>
    /// <param name="output">The output.</param>
    /// <param name="magnitudes">For sizes.</param>
    public static (Value Other, double Count)? Of(Node node, int input, int output, Magnitudes magnitudes)
    {
        return (node.Operator.Type, input, output) switch
        {
            ("ConvGrad", 0, 0) => Gradient(2),
            ("ConvGrad", 2, 0) or ("ConvGrad", 1, 1) => Gradient(0),
            ("ConvGrad", 0, 1) => Gradient(1),
            ("ConvTransposeGrad", 0, 0) => Transposed(2),
            ("ConvTransposeGrad", 2, 0) or ("ConvTransposeGrad", 1, 1) => Transposed(0),
            ("ConvTransposeGrad", 0, 1) => Transposed(1),
            ("Conv", 0 or 1, 0) =>
                With(node, 1 - input, Taps(node.Input(1)!, magnitudes) * magnitudes.ElementsOf(node.Output(0)!)),
            ("ConvTranspose", 0 or 1, 0) =>
                With(node, 1 - input, Taps(node.Input(1)!, magnitudes) * magnitudes.ElementsOf(node.Input(0)!)),
            ("MatMul" or "FusedMatMul" or "Gemm", 0 or 1, 0) =>
                With(node, 1 - input, Depth(node, magnitudes) * magnitudes.ElementsOf(node.Output(0)!)),
            ("Mul", 0 or 1, 0) => With(node, 1 - input, magnitudes.ElementsOf(node.Output(0)!)),
            _ => null,
        };

        // dY, X, W: a convolution's filter has its output channels first, a transposed one's its input channels.
        (Value, double)? Gradient(int other) =>
            With(node, other, Taps(node.Input(2)!, magnitudes) * magnitudes.ElementsOf(node.Input(0)!));

        (Value, double)? Transposed(int other) =>
            With(node, other, Taps(node.Input(2)!, magnitudes) * magnitudes.ElementsOf(node.Input(1)!));
    }

    /// <summary>
    /// Whether all of the operator's results are such sums, so that an input without products in an output has no part
    /// in it.
    /// </summary>
    public static bool IsOperator(Node node) => node.Operator.Type is
        "ConvGrad" or "ConvTransposeGrad" or "Conv" or "ConvTranspose" or "MatMul" or "FusedMatMul" or "Gemm" or "Mul";

    /// <summary>
    /// The squared norm of E[y · x] for a result y of deviation 1 and its factors x, or so much of it as is known: y's
    /// variance over that of the filter that makes it. Exact where the x are uncorrelated.
    /// </summary>
    public static double? CoherenceOf(Node node, Magnitudes magnitudes)
    {
        if (node.Operator.Type is not ("Conv" or "MatMul" or "Gemm") || node.Input(1) is not { } filter) return null;
        var (square, weight) = (magnitudes.MeanSquareOf(node.Output(0)!), magnitudes.MeanSquareOf(filter));
        var taps = node.Operator.Type == "Conv" ? Taps(filter, magnitudes) : Depth(node, magnitudes);
        return weight > 0 ? square / (weight * taps) : null;
    }

    private static (Value, double)? With(Node node, int other, double count) =>
        node.Input(other) is { } value ? (value, count) : null;

    /// <summary>Each element of a convolution's result is a sum over its filter.</summary>
    private static double Taps(Value filter, Magnitudes magnitudes) =>
        magnitudes.SizesOf(filter) is [> 0 and var outer, ..] ? magnitudes.ElementsOf(filter) / outer : 1;

    private static double Depth(Node node, Magnitudes magnitudes)
    {
        if (node.Input(0) is not { } left || magnitudes.SizesOf(left) is not { Length: > 0 } sizes) return 1;
        var isTransposed = node.Attributes.GetInt("transA", 0) != 0 && sizes.Length > 1;
        return isTransposed ? sizes[^2] : sizes[^1];
    }
}
