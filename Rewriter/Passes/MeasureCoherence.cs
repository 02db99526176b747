using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>
/// Lets a graph measure what the filter's gradient of a convolution is for the normalized result itself in the gradient's place: the one
/// direction in which noise on a batch normalization's input is added up over all its elements.
/// </summary>
/// <remarks>
/// 1. For each BatchNormalizationGrad whose input X a convolution made: x̂ = (X − mean) · inverse deviation.
/// 2. A ConvGrad of x̂ and the convolution's own inputs; of its results the filter's gradient alone.
/// 3. An ActProfile on that, under the name of X.
/// The nodes add a filter gradient to each such layer, so they are for a profile of some steps, not for training.
/// </remarks>
internal sealed class MeasureCoherence(TrainingGraph training, Func<Value, Node> measure)
{
    private const string NormalizationGradient = "BatchNormalizationGrad";
    private readonly Graph _graph = training.Model.Graph;

    public void Apply()
    {
        foreach (var node in _graph.Nodes.Where(node => node.Operator.Type == NormalizationGradient).ToList())
        {
            if (node.Input(1) is { Producer: { Operator.Type: "Conv" } maker } x && training.Types.ShapeOf(x) is { Rank: > 2 } shape
                && maker.Input(0) is { } data && maker.Input(1) is { } filter)
                Insert(node, x, data, filter, maker, shape.Rank);
        }
    }

    private void Insert(Node place, Value x, Value data, Value filter, Node maker, int rank)
    {
        // Rule 1.
        var sizes = _graph.AddConstant($"{x.Name}/channels", DenseTensorData.Integers([1, -1, .. Enumerable.Repeat(1L, rank - 2)]));
        var mean = Add(place, "Reshape", [place.Input(3), sizes], $"{x.Name}/mean");
        var inverse = Add(place, "Reshape", [place.Input(4), sizes], $"{x.Name}/inverse");
        var centered = Add(place, "Sub", [x, mean], $"{x.Name}/centered");
        var normalized = Add(place, "Mul", [centered, inverse], $"{x.Name}/normalized", training.Types.Of(x));
        // Rule 2.
        var gradient = _graph.AddFreshValue($"{x.Name}/coherence", training.Types.Of(filter));
        var convolution = GraphEditor.Insert(
            node => _graph.Nodes.InsertBefore(place, node), new OperatorId(OperatorId.Microsoft, "ConvGrad"), $"{x.Name}/coherence/ConvGrad",
            [normalized, data, filter], [null, gradient]);
        convolution.DocString = place.DocString;
        foreach (var attribute in maker.Attributes) convolution.Attributes.Set(attribute);
        // Rule 3.
        var profile = measure(gradient);
        profile.DocString = place.DocString;
        profile.Attributes.Set(ProfileAttributes.Tensor, x.Name);
        profile.Attributes.Set(ProfileAttributes.Role, ProfileAttributes.RoleCoherence);
    }

    private Value Add(Node place, string type, IEnumerable<Value?> inputs, string name, TensorType? declared = null)
    {
        var output = _graph.AddFreshValue(name, declared);
        var node = GraphEditor.Insert(
            inserted => _graph.Nodes.InsertBefore(place, inserted), OperatorId.Onnx(type), $"{name}/{type}", inputs, [output]);
        node.DocString = place.DocString;
        return output;
    }
}
