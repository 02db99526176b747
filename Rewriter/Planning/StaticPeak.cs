using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Shapes;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// Most bytes alive at once in a rewritten graph: each buffer from the node that writes it to the last that reads it,
/// in ONNX Runtime's order.
/// </summary>
internal static class StaticPeak
{
    /// <param name="result">The rewritten graph, whose dimensions still have their original names.</param>
    /// <param name="dimensions">Their sizes.</param>
    public static long Of(RewriteResult result, IReadOnlyDictionary<string, long> dimensions)
    {
        var graph = result.Model.Graph;
        var types = ShapeInference.Infer(result.Model).With(dimensions);
        var packed = result.Pairs.Where(pair => pair.Packed is not null).ToDictionary(
            pair => pair.Packed!,
            pair => pair.Plan.Tensor.Type is { Shape: { } shape } type
            ? pair.Store.BytesOf(type.ElementType, shape.Evaluate(dimensions)!)
            : 0);
        var order = ExecutionOrder.Of(graph);
        var last = new Dictionary<Value, int>();
        for (var step = 0; step < order.Count; step++)
        {
            foreach (var value in TopologicalOrder.Reads(order[step]).Concat(order[step].Outputs.OfType<Value>()))
                last[BufferViews.Owner(value)] = value.IsGraphOutput
                    ? order.Count
                    : Math.Max(step, last.GetValueOrDefault(BufferViews.Owner(value)));
        }
        var ending = last.ToLookup(pair => pair.Value, pair => pair.Key);
        long alive = 0, peak = 0;
        for (var step = 0; step < order.Count; step++)
        {
            alive += order[step].Outputs.OfType<Value>().Where(output => BufferViews.Owner(output) == output)
                .Sum(BytesOf);
            peak = Math.Max(peak, alive);
            alive -= ending[step].Where(value => value.Producer is not null).Sum(BytesOf);
        }
        return peak;

        long BytesOf(Value value) => packed.TryGetValue(value, out var bytes) ? bytes : types.BytesOf(value) ?? 0;
    }
}
