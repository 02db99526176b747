using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Shapes;

namespace OnnxActNN.Training.Feeds;

/// <summary>
/// Input values drawn from a seed: real numbers uniform in [-1, 1), whole numbers within the range that the graph
/// allows.
/// </summary>
internal sealed class DrawnFeeds(Model model, ulong seed) : IFeedSource
{
    private readonly Lazy<InferredTypes> _types = new(() => ShapeInference.Infer(model));

    /// <inheritdoc/>
    public OrtValue Create(GraphInput input, long[] sizes, int step)
    {
        var position = model.Graph.Inputs.TakeWhile(other => other.Name != input.Name).Count();
        var key = SplitMix64.Mix(SplitMix64.Mix(seed ^ (ulong)position) ^ (ulong)step);
        if (input.ElementType is TensorElementType.Float or TensorElementType.Double
            or TensorElementType.Float16 or TensorElementType.BFloat16)
        {
            return FeedTensor.Create(input.ElementType, sizes, i => 2 * SplitMix64.Uniform(key, (ulong)i) - 1);
        }
        var range = model.Graph.Find(input.Name) is { } value
            ? IndexRange.Of(value, _types.Value.ShapeOf)
            : IndexRange.Flag;
        return FeedTensor.Create(input.ElementType, sizes, i => Math.Floor(SplitMix64.Uniform(key, (ulong)i) * range));
    }
}
