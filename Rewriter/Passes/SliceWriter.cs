using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.Rewriter.Shapes;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Writes the nodes of one slice of a weight gradient before the node that they stand for.</summary>
/// <param name="graph">The graph.</param>
/// <param name="whole">The ConvGrad of all samples.</param>
/// <param name="slice">Which samples.</param>
/// <param name="typeOf">Types of what <paramref name="whole"/> reads and of what restores that.</param>
internal sealed class SliceWriter(Graph graph, Node whole, BatchSlice slice, Func<Value, TensorType?> typeOf)
{
    private readonly Dictionary<Value, Value> _parts = [];

    /// <summary>The slice of a gradient, once <paramref name="after"/> is there.</summary>
    public Value Cut(Value value, Value? after)
    {
        var node = Insert(PackOperators.BatchSlice, PartOf(value), after is null ? [value] : [value, after]);
        WriteAttributes(node);
        return node.Output(0)!;
    }

    /// <summary>
    /// What restores a tensor, or a part of the way there, does so for the slice once the trigger is there.
    /// </summary>
    public Node Restore(Node restorer, Value trigger)
    {
        var inputs = restorer.Inputs
            .Select((input, index) => index == PackOperators.Trigger ? trigger : Part(input)).ToList();
        var node = Insert(restorer.Operator, PartOf(restorer.Output(0)!), inputs);
        foreach (var attribute in restorer.Attributes) node.Attributes.Add(attribute);
        WriteAttributes(node);
        return node;
    }

    /// <summary>The ConvGrad of the slice, with dW and, where the whole one makes it, dB.</summary>
    public Node WriteGradient()
    {
        var outputs = whole.Outputs.Select(
            (output, index) => index == 0 || output is null ? null : Fresh(output, typeOf(output))).ToList();
        var node = Insert(whole.Operator, outputs, [.. whole.Inputs.Select(Part)]);
        foreach (var attribute in whole.Attributes) node.Attributes.Add(attribute);
        return node;
    }

    /// <summary>Adds the slice's dW to a buffer; tells when it is done.</summary>
    public Value Accumulate(Value buffer, Value dW, Value? flag)
    {
        var done = graph.AddFreshValue($"{dW.Name}/added", new TensorType(DataType.Bool, Shape.Of(1)));
        Insert(TrainingOperators.Accumulator, [done], flag is null ? [buffer, dW] : [buffer, dW, flag]);
        return done;
    }

    private Value? Part(Value? value) => value is not null && _parts.TryGetValue(value, out var part) ? part : value;

    private List<Value?> PartOf(Value value)
    {
        var type = typeOf(value);
        return [
            _parts[value] = Fresh(
                value, type?.Shape is { } shape ? type with { Shape = SlicedShape.Of(shape, slice) } : type)];
    }

    private Value Fresh(Value value, TensorType? type) => graph.AddFreshValue($"{value.Name}/slice{slice.Index}", type);

    private void WriteAttributes(Node node)
    {
        node.Attributes.Set(SliceAttributes.Index, slice.Index);
        node.Attributes.Set(SliceAttributes.Count, slice.Count);
    }

    private Node Insert(OperatorId op, List<Value?> outputs, List<Value?> inputs)
    {
        var name = $"{outputs.OfType<Value>().First().Name}/{op.Type}";
        var node = GraphEditor.InsertBefore(whole, op, name, inputs, outputs);
        node.DocString = whole.DocString;
        return node;
    }
}
