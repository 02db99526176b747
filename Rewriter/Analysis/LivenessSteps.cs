using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>The steps of a graph's timeline.</summary>
internal static class LivenessSteps
{
    /// <param name="order">The nodes in executed order.</param>
    /// <param name="typeOf">Types with the dimensions' names that ONNX Runtime sees.</param>
    public static IReadOnlyList<LivenessStep> Of(IReadOnlyList<Node> order, Func<Value, TensorType?> typeOf)
    {
        var overwritten = InPlaceWrites.Find(order, typeOf);
        return [.. order.Select(node => new LivenessStep(
            node.DisplayName,
            [.. node.Reads.Select(value => value.Name)],
            [.. node.Results.Select(value => value.Name)],
            overwritten.GetValueOrDefault(node)?.Name))];
    }
}
