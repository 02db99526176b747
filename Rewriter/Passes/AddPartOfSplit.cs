using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Lets sums read their part of a gradient that a Split would copy first.</summary>
/// <remarks>
/// 1. Where each part that a Split of the backward pass makes along the channels has one reader, an AddInPlace that
/// adds it to something else, these add the channels of the whole gradient, and Split goes. The sum is the same number.
/// 2. Only where all parts' channels are known.
/// 3. A part that was to be written over gives way to the other summand, if nobody reads that any more.
/// </remarks>
internal sealed class AddPartOfSplit(Graph graph, GraphItemSet<Node> forward, Func<Value, TensorType?> typeOf)
{
    private const int Channels = 1;

    private static readonly HashSet<OperatorId> Splits =
        [OperatorId.Onnx("Split"), new(OperatorId.Microsoft, "SplitTraining")];

    private readonly Lazy<LastReaders> _last = new(() => new LastReaders(graph));

    public void Apply()
    {
        foreach (var node in graph.Nodes.Where(node => Splits.Contains(node.Operator)).ToList())
        {
            if (forward.Contains(node) || node.Attributes.GetInt("axis", 0) != Channels) continue;
            if (node.Outputs.All(IsAdded)) Replace(node);
        }
    }

    private bool IsAdded(Value? part)
    {
        if (part is not { IsGraphOutput: false, Uses: [var (sum, input)] } || ChannelsOf(part) is null) return false;
        if (sum.Operator != PackOperators.AddInPlace || input == PackOperators.Trigger) return false;
        var other = sum.Input(1 - input)!;
        return other.Producer != part.Producer && (input == 1 || _last.Value.IsAt(sum, other)); // Rule 3.
    }

    private void Replace(Node split)
    {
        long first = 0;
        foreach (var part in split.Outputs.Select(part => part!))
        {
            var (sum, input) = part.Uses[0];
            if (input == 0) sum.SetInput(0, sum.Input(1)); // Rule 3.
            sum.SetInput(1, split.Input(0));
            if (first > 0) sum.Attributes.Set(SumAttributes.First, first);
            first += ChannelsOf(part)!.Value;
        }
        GraphEditor.Remove(split);
    }

    /// <summary>Rule 2.</summary>
    private long? ChannelsOf(Value part) =>
        (typeOf(part) ?? part.Declared)?.Shape is { Rank: > Channels } shape ? shape[Channels].Value : null;
}
