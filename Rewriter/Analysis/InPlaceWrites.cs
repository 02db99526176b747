using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>Which results ONNX Runtime writes over an input.</summary>
/// <remarks>
/// As its allocation planner does, this counts the reads of each buffer, of all values that lie in it, and lets a
/// result take over a buffer whose only read to come is the one of its own node. What the caller gives or takes is
/// never written over.
/// </remarks>
internal static class InPlaceWrites
{
    /// <summary>For each such node the value that its first output is written over.</summary>
    /// <param name="order">The nodes in executed order.</param>
    /// <param name="typeOf">Types with the dimensions' names that ONNX Runtime sees.</param>
    public static GraphItemMap<Node, Value> Find(IReadOnlyList<Node> order, Func<Value, TensorType?> typeOf)
    {
        var found = new GraphItemMap<Node, Value>();
        var owners = new GraphItemMap<Value, Value>();
        var reads = new GraphItemMap<Value, int>();
        foreach (var node in order)
        {
            foreach (var output in node.Results)
            {
                var source = BufferViews.SourceOf(output);
                if (source is null && output.OutputIndex == 0 && Overwritten(node, output) is { } input)
                    found[node] = source = input;
                var owner = owners[output] = source is null ? output : OwnerOf(source);
                reads[owner] = reads.GetValueOrDefault(owner) + output.Uses.Count + (output.IsGraphOutput ? 1 : 0);
            }
            foreach (var read in node.Reads)
                reads[OwnerOf(read)] = reads.GetValueOrDefault(OwnerOf(read)) - 1;
        }
        return found;

        Value OwnerOf(Value value) => owners.GetValueOrDefault(value, value);

        Value? Overwritten(Node node, Value output) =>
            OverwritableInputs.Of(node.Operator).Select(node.Input).OfType<Value>()
            .FirstOrDefault(
                input => OwnerOf(input) is { Producer: not null, IsConstant: false } owner
                && reads.GetValueOrDefault(owner) == 1
                && typeOf(input) is { Shape: { } shape } type && typeOf(output) is { Shape: { } other } written
                && type.ElementType == written.ElementType && shape.Equals(other));
    }
}
