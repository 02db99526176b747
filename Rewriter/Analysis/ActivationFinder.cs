using OnnxActNN.Format.Derivatives;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>
/// Finds activations' gradients that are written out, by what they compute: there are many ways to write one.
/// </summary>
/// <remarks>
/// 1. A formula is a part of the backward pass that one gradient dY enters and one gradient dX leaves. From dX it is
/// followed up to the first dY for which the rest holds; formulas near the parameters come first.
/// 2. All its nodes, and those between x and what it reads, work on each element by itself
/// (<see cref="ElementwiseOperators"/>). Tensors have one shape; what has another is a constant of one element.
/// 3. All that it reads beside dY is a function of one tensor x of the forward pass, the nearest of those that will do.
/// 4. Computed at some hundred places from −25 to 25, and on both sides of whole numbers, where some functions jump, dX
/// / dY is f′(αx), to 10⁻⁵, of a function in the table of activations. The slopes at 0 say what α is. Two values of dY
/// in turns show whether dX is linear in it.
/// </remarks>
internal sealed class ActivationFinder
{
    private const int FarthestPlace = 25;
    private const double BesideJump = 1e-4;
    private const double Tolerance = 1e-5;
    private const double LargestFactor = 16;

    /// <summary>Small for the functions' bends and large for their rounding.</summary>
    private const double StepOfSlope = 1.0 / (1 << 14);

    /// <summary>What longer formulas compute is no activation.</summary>
    private const int MostNodes = 64;

    private static readonly OperatorId ReluGradient = new(OperatorId.Microsoft, "ReluGrad");
    private static readonly OperatorId Cast = OperatorId.Onnx("Cast");

    private static readonly IReadOnlyList<double> Places = [.. Enumerable.Range(-FarthestPlace, 2 * FarthestPlace)
        .SelectMany(
            whole => new[] { -BesideJump, BesideJump, 0.11, 0.23, 0.37, 0.49, 0.61, 0.73, 0.87 },
            (whole, part) => whole + part)];

    private static readonly IReadOnlyList<ActivationDerivative> Known =
        [.. ActivationDerivative.All.Where(row => !row.IsOfOutput)];

    /// <summary>
    /// How far a formula's operands are looked for: residual networks have chains of elementwise operators from end to
    /// end.
    /// </summary>
    private const int MostSources = 16;

    private readonly ForwardBackwardSplit _split;
    private readonly Func<Value, TensorType?> _typeOf;
    private readonly IReadOnlyList<Node> _order;
    private readonly Lazy<GraphItemMap<Node, int>> _position;

    /// <summary>Of the formula in hand, the nodes so far.</summary>
    private readonly HashSet<Node> _nodes = [];

    /// <summary>The gradients that these read and do not make.</summary>
    private readonly HashSet<Value> _entering = [];

    public ActivationFinder(Graph graph, ForwardBackwardSplit split, Func<Value, TensorType?> typeOf)
    {
        (_split, _typeOf, _order) = (split, typeOf, TopologicalOrder.Of(graph));
        _position = new(() => ExecutionOrder.PositionsIn(_order));
    }

    public IReadOnlyList<WrittenActivation> Find()
    {
        var (all, taken) = (new List<WrittenActivation>(), new GraphItemSet<Node>());
        foreach (var node in _order.Reverse())
        {
            if (taken.Contains(node) || EndingIn(node, taken) is not { } found) continue;
            taken.UnionWith(found.Nodes);
            all.Add(found);
        }
        return all;
    }

    /// <summary>Rule 1.</summary>
    private WrittenActivation? EndingIn(Node last, GraphItemSet<Node> taken)
    {
        if (last.Output(0) is not { } result || !_split.IsGradient(result)
            || _typeOf(result) is not { Shape: not null } type || !IsElementwise(result, type))
            return null;
        _nodes.Clear();
        _entering.Clear();
        for (var next = last; next is not null && _nodes.Count < MostNodes; next = Latest(_entering))
        {
            if (taken.Contains(next) || !IsElementwise(next, type) || !IsReadWithin(next, _nodes, except: result))
                return null;
            _nodes.Add(next);
            foreach (var output in next.Results) _entering.Remove(output);
            foreach (var input in next.Inputs)
            {
                if (input is not null && _split.IsGradient(input)) _entering.Add(input);
            }
            if (_entering.Count == 1 && _entering.First() is { } gradient && type.Equals(_typeOf(gradient))
                && Recognise(_nodes, gradient, last, type) is { } found)
                return found;
        }
        return null;
    }

    private Node? Latest(HashSet<Value> values) => values.Count == 1
        ? values.First().Producer
        : values.Select(value => value.Producer).OfType<Node>().MaxBy(node => _position.Value[node]);

    private static bool IsReadWithin(Node node, HashSet<Node> nodes, Value except)
    {
        foreach (var output in node.Results)
        {
            if (output == except) continue;
            if (output.IsGraphOutput || !output.Uses.All(use => nodes.Contains(use.Node))) return false;
        }
        return true;
    }

    private bool IsElementwise(Node node, TensorType type)
    {
        foreach (var output in node.Results)
        {
            if (!IsElementwise(output, type)) return false;
        }
        return true;
    }

    /// <summary>Rule 2.</summary>
    private bool IsElementwise(Value output, TensorType type)
    {
        if (ElementwiseOperators.Find(output) is null || _typeOf(output) is not { } own
            || !type.Shape!.Equals(own.Shape))
            return false;
        return own.ElementType == DataType.Bool
            ? output.Producer!.Operator != Cast
            : own.ElementType.IsPackableFloat();
    }

    private WrittenActivation? Recognise(HashSet<Node> nodes, Value gradient, Node last, TensorType type)
    {
        if (!nodes.Any(IsMoreThanAMask)) return null;
        var read = nodes.SelectMany(node => node.Inputs).OfType<Value>()
            .Where(value => !_split.IsGradient(value) && NumberOf(value) is null).Distinct().ToList();
        // Rule 3.
        foreach (var input in SharedSources(read, type))
        {
            if (DerivativeAt((x, dY) => Compute(last.Output(0)!, new() { [input] = x, [gradient] = dY }, type) / dY)
                is { } derivative)
                return new WrittenActivation(derivative, input, gradient, last, nodes.ToHashSet());
        }
        return null;
    }

    /// <summary>
    /// Whether a node computes with forward values, and not only chooses by them: no function's derivative in the table
    /// is a staircase. So most gradients, Relu's above all, are done with before anything is walked or computed.
    /// </summary>
    private bool IsMoreThanAMask(Node node) =>
        node.Operator != ReluGradient
        && node.Inputs.Any(input => input is not null && !_split.IsGradient(input) && NumberOf(input) is null
            && _typeOf(input)?.ElementType != DataType.Bool);

    private IEnumerable<Value> SharedSources(List<Value> values, TensorType type)
    {
        if (values.Count == 0) return [];
        var shared = SourcesOf(values[0], type);
        foreach (var value in values.Skip(1)) shared.IntersectWith(SourcesOf(value, type));
        return shared.Where(source => _split.IsForwardResult(source) && type.Equals(_typeOf(source)))
            .OrderByDescending(source => _position.Value.GetValueOrDefault(source.Producer!));
    }

    /// <summary>The value, and what it is computed from element by element.</summary>
    private HashSet<Value> SourcesOf(Value value, TensorType type)
    {
        var (sources, pending) = (new HashSet<Value> { value }, new Queue<Value>([value]));
        while (sources.Count < MostSources && pending.TryDequeue(out var next))
        {
            if (!IsElementwise(next, type)) continue;
            foreach (var input in next.Producer!.Inputs.OfType<Value>().Where(sources.Add)) pending.Enqueue(input);
        }
        return sources;
    }

    /// <summary>A value's element, given some; NaN where these do not tell it.</summary>
    private double Compute(Value value, Dictionary<Value, double> known, TensorType type, int depth = 0)
    {
        if (known.TryGetValue(value, out var number)) return number;
        if (NumberOf(value) is { } constant) return constant;
        return known[value] = depth < MostSources && IsElementwise(value, type)
            ? ElementwiseOperators.Find(value)!(
                [.. value.Producer!.Inputs.Select(
                    input => input is null ? double.NaN : Compute(input, known, type, depth + 1))])
            : double.NaN;
    }

    private static double? NumberOf(Value value) => SignTest.NumbersOf(value) is [var number] ? number : null;

    /// <summary>Rule 4.</summary>
    private static DerivativeOf? DerivativeAt(Func<double, double, double> factor)
    {
        var slope = SlopeAtZero(x => factor(x, 1));
        if (double.IsNaN(slope)) return null;
        foreach (var row in Known)
        {
            var alpha = (float)(slope / SlopeAtZero(row.At));
            if (Math.Abs(alpha - 1) < Tolerance) alpha = 1;
            if (Math.Abs(alpha) is < (float)(1 / LargestFactor) or > (float)LargestFactor) continue;
            if (Places.Index().All(place => IsSameAt(place.Item, dY: place.Index % 2 == 0 ? 1 : -3, row, alpha)))
                return new DerivativeOf(row.Function, alpha);
        }
        return null;

        bool IsSameAt(double z, double dY, ActivationDerivative row, double alpha) =>
            Math.Abs(factor(z / alpha, dY) - row.At(z)) <= Tolerance;
    }

    private static double SlopeAtZero(Func<double, double> function) =>
        (function(StepOfSlope) - function(-StepOfSlope)) / (2 * StepOfSlope);
}
