using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxActNN.Training.Data;

namespace OnnxActNN.Training.Feeds;

/// <summary>
/// Labelled samples as a classifier's inputs: batch after batch, from the first again after the last.
/// </summary>
internal sealed class SampleFeeds(SampleSet samples) : IFeedSource
{
    private SampleSet? _fitted;

    /// <inheritdoc/>
    /// <exception cref="DataFormatException">The samples do not fit the input.</exception>
    public OrtValue Create(GraphInput input, long[] sizes, int step)
    {
        var batch = sizes[0];
        if (input.ElementType is TensorElementType.Int64 or TensorElementType.Int32)
            return FeedTensor.Create(input.ElementType, sizes, i => samples.Labels[Index(i)]);
        var fitted = _fitted ??= SampleFitting.Fit(samples, [.. sizes.Skip(1)]);
        var elements = fitted.ElementsPerSample;
        return FeedTensor.Create(
            input.ElementType, sizes, i => fitted.Sample(Index(i / elements))[(int)(i % elements)]);

        int Index(long sample) => (int)((batch * step + sample) % samples.Count);
    }
}
