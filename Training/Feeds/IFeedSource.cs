using Microsoft.ML.OnnxRuntime;

namespace OnnxActNN.Training.Feeds;

/// <summary>Values for the caller's inputs of a training graph.</summary>
internal interface IFeedSource
{
    /// <summary>The value of one input at one step; the caller disposes it.</summary>
    /// <param name="input">The input.</param>
    /// <param name="sizes">Its sizes in this run.</param>
    /// <param name="step">Step of training, from 0.</param>
    public OrtValue Create(GraphInput input, long[] sizes, int step);

    /// <summary>
    /// The sizes of an input whose shape in the graph has a name that nobody gave a size for; null where the source
    /// knows none either.
    /// </summary>
    /// <param name="input">The input.</param>
    /// <param name="dimensions">Values of the named dimensions.</param>
    public long[]? FindSizes(GraphInput input, IReadOnlyDictionary<string, long> dimensions) => null;
}
