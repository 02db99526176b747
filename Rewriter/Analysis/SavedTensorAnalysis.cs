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

    public static IReadOnlyList<SavedTensor> Find(Graph graph, ForwardBackwardSplit split, Func<Value, TensorType?> typeOf)
    {
        var needs = new BackwardNeeds(graph, split);
        var triggers = new TriggerFinder(graph, split);
        var data = new CallerData(graph);
        var saved = new List<SavedTensor>();
        foreach (var value in graph.Nodes.Where(node => !split.IsBackward(node)).SelectMany(node => node.Outputs).OfType<Value>())
        {
            var readers = value.Uses.ToLookup(use => Reach.OwnerIn(graph, use.Node) is { } owner && split.IsBackward(owner));
            if (!readers[true].Any() || BufferViews.Owner(value).Producer is null) continue;
            var type = typeOf(value);
            var consumers = readers[true].Select(use => Describe(use, needs.Of(use), type, triggers.For(use.Node))).ToList();
            saved.Add(new SavedTensor(value, type, consumers)
            {
                Buffer = BufferViews.Owner(value),
                DependsOnData = data.Reaches(value),
                IsReluOutput = ReluOutputs.Contain(value),
                HasForwardReader = readers[false].Any(use => !ShapeReaders.Contains(use.Node.Operator)),
            });
        }
        return saved;
    }

    private static SavedTensorConsumer Describe(Use use, Need need, TensorType? type, Value? trigger) =>
        new(use, need, ClassOf(need, type), OperatorTable.Find(use.Node.Operator) is not null, trigger);

    private static StorageClass ClassOf(Need need, TensorType? type) => need switch
    {
        Need.Shape => StorageClass.H,
        Need.PassOn or Need.Linear or Need.Normalization or Need.Nonlinear =>
            type?.ElementType.IsPackableFloat() == true ? StorageClass.Q : StorageClass.E,
        Need.Sign => StorageClass.M,
        Need.Bool when type?.ElementType == DataType.Bool => StorageClass.B,
        Need.WindowIndex => StorageClass.N,
        _ => StorageClass.E,
    };
}
