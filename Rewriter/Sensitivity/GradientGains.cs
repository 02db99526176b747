using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Sensitivity;

/// <summary>
/// What noise on a gradient does to the parameters' gradients behind it: Σ E‖Δg‖² for independent noise of power 1 in
/// all.
/// </summary>
/// <remarks>
/// The backward pass is linear in the gradient, so powers are carried from operator to operator:
/// 1. through a product with known factor, by the number of products and the factor's mean square
/// (<see cref="Products"/>);
/// 2. through views, moves and sums unchanged; a sum of independent numbers has the sum of their variances;
/// 3. into the scale and bias of a normalization unchanged: normalized elements have mean square 1;
/// 4. through all else as the gradient itself: by the ratio of the squared norms, 1 where they were not measured.
/// That noise stays independent behind an operator is an assumption; so is that it spreads as gradients do (rule 4).
/// </remarks>
internal sealed class GradientGains
{
    private readonly ForwardBackwardSplit _split;
    private readonly Magnitudes _magnitudes;
    private readonly Dictionary<Value, double> _gains = [];

    public GradientGains(Graph graph, ForwardBackwardSplit split, Magnitudes magnitudes)
    {
        (_split, _magnitudes) = (split, magnitudes);
        // From the end of the graph on: a gradient's readers are settled before it.
        foreach (var node in TopologicalOrder.Of(graph).Reverse())
        {
            foreach (var output in node.Results.Where(split.IsGradient))
                _gains[output] = Compute(output);
        }
    }

    /// <summary>The power in parameters' gradients for power 1 in this gradient.</summary>
    public double Of(Value gradient) => _gains.GetValueOrDefault(gradient);

    private double Compute(Value gradient)
    {
        var gain = gradient.IsGraphOutput ? 1.0 : 0.0;
        foreach (var use in gradient.Uses)
        {
            if (IsEnd(use.Node))
            {
                gain += 1;
                continue;
            }
            for (var index = 0; index < use.Node.Outputs.Count; index++)
            {
                if (use.Node.Output(index) is { } output && _split.IsGradient(output)
                    && _gains.GetValueOrDefault(output) is > 0 and var behind)
                    gain += behind * Through(use, index, output, gradient);
            }
        }
        return gain;
    }

    private double Through(Use use, int index, Value output, Value gradient)
    {
        // Rule 1.
        if (Products.Of(use.Node, use.Input, index, _magnitudes) is var (other, count)
            && _magnitudes.MeanSquareOf(other) is { } square)
            return count / _magnitudes.ElementsOf(gradient) * square;
        // Rules 2 and 3.
        if (IsSum(use) || index > 0) return 1;
        // Rule 4.
        return _magnitudes.SquaresOf(output) is { } after && _magnitudes.SquaresOf(gradient) is > 0 and var before
            ? after / before
            : 1;
    }

    private static bool IsSum(Use use) => OperatorTable.Find(use.Node.Operator)?.NeedOf(use.Input) == Need.PassOn;

    private static bool IsEnd(Node node) =>
        node.Operator.Type.StartsWith("InPlaceAccumulator", StringComparison.Ordinal);
}
