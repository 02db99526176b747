using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Training.Feeds;

/// <summary>Input values drawn from a seed: real numbers uniform in [-1, 1), whole numbers within the range that the graph allows.</summary>
internal sealed class DrawnFeeds(Graph graph, ulong seed) : IFeedSource
{
    /// <inheritdoc/>
    public OrtValue Create(GraphInput input, long[] sizes, int step)
    {
        var position = graph.Inputs.TakeWhile(other => other.Name != input.Name).Count();
        var key = SplitMix64.Mix(SplitMix64.Mix(seed ^ (ulong)position) ^ (ulong)step);
        if (input.ElementType is TensorElementType.Float or TensorElementType.Double
            or TensorElementType.Float16 or TensorElementType.BFloat16)
        {
            return FeedTensor.Create(input.ElementType, sizes, i => 2 * SplitMix64.Uniform(key, (ulong)i) - 1);
        }
        var range = graph.Find(input.Name) is { } value ? IndexRange.Of(value) : IndexRange.Flag;
        return FeedTensor.Create(input.ElementType, sizes, i => Math.Floor(SplitMix64.Uniform(key, (ulong)i) * range));
    }
}
