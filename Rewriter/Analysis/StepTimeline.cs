using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>What a graph holds while each node of a step runs, predicted from its file.</summary>
/// <remarks>
/// In ONNX Runtime's order, with what is written over an input counted once, and without what kernels allocate while
/// they run. Constants are the session's, as parameters are.
/// </remarks>
internal sealed class StepTimeline
{
    private static readonly OperatorId Constant = OperatorId.Onnx("Constant");

    private StepTimeline(IReadOnlyList<Node> order, LivenessTimeline memory) => (Order, Memory) = (order, memory);

    /// <summary>The nodes in executed order.</summary>
    public IReadOnlyList<Node> Order { get; }

    /// <summary>Bytes alive while each of them runs; buffers have the names of the values that own them.</summary>
    public LivenessTimeline Memory { get; }

    /// <param name="graph">The graph; it is not changed.</param>
    /// <param name="typeOf">Types with the dimensions' names that ONNX Runtime sees.</param>
    /// <param name="bytesOf">Size of a value that owns its buffer.</param>
    public static StepTimeline Of(Graph graph, Func<Value, TensorType?> typeOf, Func<Value, long> bytesOf)
    {
        var order = ExecutionOrder.Of(graph).Where(node => node.Operator != Constant).ToList();
        return new StepTimeline(
            order, new LivenessTimeline(
                LivenessSteps.Of(order, typeOf), name => bytesOf(graph.Find(name)!),
                name => BufferViews.Owner(graph.Find(name)!).Name,
                graph.Outputs.Select(output => output.Name).ToHashSet()));
    }
}
