using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>Replaces gradient accumulators by outputs that are the gradients themselves.</summary>
/// <remarks>
/// ONNX Runtime's accumulator adds into one of its inputs, which an inference session's caller does not allow. The
/// contract of a lowered graph instead: for each parameter P the output <c>P_grad</c> is the gradient of this step, in
/// the place of <c>P_grad.accumulation.out</c>; the inputs <c>P_grad.accumulation.buffer</c> and <c>lazy_reset_grad</c>
/// are gone.
/// 0. Several accumulators of one buffer, which add up slices of the batch (<see cref="Passes.SliceWeightGradients"/>),
/// become the last of them, of the slices' sum; nothing waits for the others any more.
/// 1. The accumulator goes; the graph output in its place is the gradient, under the name <c>P_grad</c>.
/// 2. A gradient that an Identity copies is written by the node before it, where nobody else reads it.
/// 3. Nodes that only make gradients stand at the end of the file, in the order of the outputs: ONNX Runtime's default
/// order walks from the last leaf of the file, so the last parameter's gradient comes first, as in the backward pass.
/// In the order of the backward pass itself all weight gradients would come last, and everything they read would stay
/// alive.
/// </remarks>
internal static class GradientOutputs
{
    private const string BufferSuffix = ".accumulation.buffer";
    private const string GradientSuffix = "_grad";

    /// <summary>
    /// Rules 0 to 2, before the recipes; tells how many accumulators there were. Others than the contract's stay.
    /// </summary>
    public static int Apply(Graph graph)
    {
        foreach (var slices in Accumulators(graph).GroupBy(node => node.Input(0)).Where(group => group.Count() > 1))
            Join(graph, [.. slices]);
        return Accumulators(graph).Count(node => Replace(graph, node));
    }

    /// <summary>Rule 3, after the recipes.</summary>
    public static void MoveLeavesToEnd(Graph graph)
    {
        foreach (var producer in graph.Outputs.Select(output => output.Producer).OfType<Node>().Distinct().ToList())
        {
            if (producer.Outputs.Any(IsGradientOutput)
                && producer.Outputs.All(output => output is null || output.Uses.Count == 0))
                graph.Nodes.MoveToEnd(producer);
        }

        bool IsGradientOutput(Value? output) => output is { IsGraphOutput: true }
            && output.Name.EndsWith(GradientSuffix, StringComparison.Ordinal)
            && graph.FindOwn(output.Name[..^GradientSuffix.Length]) is { IsGraphInput: true };
    }

    private static List<Node> Accumulators(Graph graph) =>
        [.. graph.Nodes.Where(node => node.Operator == TrainingOperators.Accumulator)];

    /// <summary>Rule 0.</summary>
    private static void Join(Graph graph, List<Node> slices)
    {
        var (first, last) = (slices[0], slices[^1]);
        var sum = graph.AddFreshValue($"{last.Input(1)}/sum", last.Input(1)!.Declared);
        GraphEditor.InsertBefore(last, OperatorId.Onnx("Sum"), sum.Name, slices.Select(slice => slice.Input(1)), [sum]);
        last.SetInput(1, sum);
        last.SetInput(2, first.Input(2));
        foreach (var slice in slices.SkipLast(1))
        {
            foreach (var (waiting, input) in slice.Output(0)!.Uses.ToList()) waiting.SetInput(input, null);
            GraphEditor.Remove(slice);
        }
    }

    private static bool Replace(Graph graph, Node accumulator)
    {
        if (accumulator.Input(0) is not { IsGraphInput: true } buffer || accumulator.Input(1) is not { } gradient
            || accumulator.Output(0) is not { IsGraphOutput: true, Uses.Count: 0 } flag
            || accumulator.Output(1) is not null
            || !buffer.Name.EndsWith(BufferSuffix, StringComparison.Ordinal))
        {
            return false;
        }
        // Rule 1.
        var name = buffer.Name[..^BufferSuffix.Length];
        var output = OutputOfName(graph, name, gradient, accumulator);
        output.Declared ??= buffer.Declared;
        graph.ReplaceOutput(flag, output);
        var reset = accumulator.Input(2);
        GraphEditor.Remove(accumulator);
        foreach (var input in new[] { buffer, reset }.OfType<Value>().Where(input => input.Uses.Count == 0))
        {
            graph.RemoveInput(input);
            if (input.Producer is null) graph.RemoveValue(input);
        }
        WriteDirectly(graph, output);
        return true;
    }

    /// <summary>
    /// The gradient itself if it has that name and is no output yet, else a copy of that name, or of the next free one.
    /// </summary>
    private static Value OutputOfName(Graph graph, string name, Value gradient, Node place)
    {
        if (gradient.Name == name && gradient.Producer is not null && !gradient.IsGraphOutput) return gradient;
        var output = graph.AddFreshValue(name);
        GraphEditor.InsertBefore(place, OperatorId.Onnx("Identity"), $"{output.Name}/Identity", [gradient], [output]);
        return output;
    }

    /// <summary>Rule 2.</summary>
    private static void WriteDirectly(Graph graph, Value output)
    {
        while (output.Producer is { } copy && copy.Operator == OperatorId.Onnx("Identity")
            && copy.Input(0) is { Producer: { } producer, Uses.Count: 1, IsGraphOutput: false } source)
        {
            copy.SetOutput(0, null);
            GraphEditor.Remove(copy);
            var index = source.OutputIndex;
            producer.SetOutput(index, null);
            producer.SetOutput(index, output);
            graph.RemoveValue(source);
        }
    }
}
