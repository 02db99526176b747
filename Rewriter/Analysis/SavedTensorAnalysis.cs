using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>Finds the tensors that the forward pass saves for the backward pass.</summary>
/// <remarks>
/// A saved tensor is a forward node's result with a backward reader. Graph inputs and initializers are not: their
/// callers keep them whatever the graph does.
/// </remarks>
internal static class SavedTensorAnalysis
{
    private static readonly HashSet<OperatorId> ShapeReaders = [OperatorId.Onnx("Shape"), OperatorId.Onnx("Size")];

    private static readonly OperatorId Softmax = OperatorId.Onnx("Softmax");

    public static IReadOnlyList<SavedTensor> Find(
        Graph graph, ForwardBackwardSplit split, Func<Value, TensorType?> typeOf, params IEnumerable<RowSum> rowSums)
    {
        var rowProducts = rowSums.Select(sum => sum.Product).ToHashSet();
        var needs = new BackwardNeeds(graph, split);
        var triggers = new TriggerFinder(graph, split);
        var direct = new DirectReads(split, triggers, typeOf);
        var repeated = new RepeatedReads(graph, split, typeOf, needs, direct, triggers);
        var data = new CallerData(graph);
        var saved = new List<SavedTensor>();
        // Each once: a method as an argument would be an object for each call.
        Func<Use, bool> isBackward = IsBackward;
        Func<Value, bool> isReadForward = IsReadForward;
        foreach (var node in graph.Nodes)
        {
            if (split.IsBackward(node)) continue;
            foreach (var value in node.Results)
            {
                if (value.Uses.Any(isBackward) && BufferViews.Owner(value).Producer is not null)
                    saved.Add(TensorOf(value));
            }
        }
        return saved;

        SavedTensor TensorOf(Value value)
        {
            var type = typeOf(value);
            var consumers = new List<SavedTensorConsumer>(1);
            foreach (var use in value.Uses)
            {
                if (IsBackward(use)) consumers.Add(ConsumerOf(value, type, use));
            }
            var forwardRead = IsReadForward(value) ? value : value.Producer!.Results.FirstOrDefault(isReadForward);
            var waiting = forwardRead is null ? LastInput(value.Producer!) : null;
            return new SavedTensor(value, type, consumers)
            {
                Buffer = BufferViews.Owner(value),
                DependsOnData = data.Reaches(value),
                IsReluOutput = ReluOutputs.Contain(value),
                ForwardRead = forwardRead ?? waiting?.Value,
                ForwardInput = waiting?.Index,
            };
        }

        SavedTensorConsumer ConsumerOf(Value value, TensorType? type, Use use)
        {
            var read = direct.Find(value, use);
            // A comparison by itself needs the value to the last bit; within Clip's formula it is one bit.
            var need = read switch
            {
                { Bits.Test: MaskTest.Inside } => Need.Range,
                { Loss: not null } or { SumAxis: not null } => Need.Exponential,
                _ => needs.Of(use),
            };
            if (need == Need.Linear && read is null && repeated.AreBehind(value, use)) need = Need.Nonlinear;
            var isKnown = OperatorTable.Find(use.Node.Operator) is not null;
            return new SavedTensorConsumer(use, need, ClassOf(need, type), isKnown, triggers.For(use.Node), read)
            {
                Kind = KindOf(value, use.Node, read),
            };
        }

        bool IsBackward(Use use) => Reach.OwnerIn(graph, use.Node) is { } owner && split.IsBackward(owner);

        ReaderKind KindOf(Value value, Node reader, DirectRead? read) =>
            read is { Loss: not null } or { SumAxis: not null } ? ReaderKind.LossProbabilities
            : rowProducts.Contains(reader) ? ReaderKind.RowSum
            : value.Producer!.Operator == Softmax ? ReaderKind.Weights
            : ReaderKind.Other;

        // What nobody reads before the backward pass runs in time where the readers of its last input wait for it.
        (Value Value, int Index)? LastInput(Node producer)
        {
            var inputs = producer.Inputs.Select((input, index) => (Value: input!, Index: index))
                .Where(input => input.Value is not null && split.IsForwardResult(input.Value)).ToList();
            if (inputs.Count == 0) return null;
            var last = inputs.MaxBy(input => triggers.PositionOf(input.Value.Producer!));
            return !last.Value.IsGraphOutput
                && last.Value.Uses.Any(use => use.Node != producer && !IsBackward(use))
                    ? last
                    : null;
        }

        // What leaves the graph is read by the caller.
        bool IsReadForward(Value value) =>
            value.IsGraphOutput || value.Uses.Any(use => !ShapeReaders.Contains(use.Node.Operator) && !IsBackward(use));
    }

    private static StorageClass ClassOf(Need need, TensorType? type) => need switch
    {
        Need.Shape => StorageClass.H,
        // A bit restores it to the last bit, whatever it is read for.
        _ when type?.ElementType == DataType.Bool => StorageClass.B,
        Need.PassOn or Need.Linear or Need.Normalization or Need.Exponential or Need.Nonlinear =>
            type?.ElementType.IsPackableFloat() == true ? StorageClass.Q : StorageClass.E,
        Need.Sign or Need.Range => StorageClass.M,
        Need.WindowIndex => StorageClass.N,
        _ => StorageClass.E,
    };
}
