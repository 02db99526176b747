using Microsoft.ML.OnnxRuntime;

namespace OnnxActNN.Training.Feeds;

/// <summary>The values of all of the caller's inputs at one step, by name.</summary>
internal sealed class FeedBatch : IDisposable
{
    private readonly Dictionary<string, OrtValue> _values = [];

    /// <summary>Makes the values.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="source">Where values come from.</param>
    /// <param name="dimensions">Values of the named dimensions.</param>
    /// <param name="step">Step of training, from 0.</param>
    /// <exception cref="OpenDimensionException">A named dimension has no value.</exception>
    public FeedBatch(
        IEnumerable<GraphInput> inputs, IFeedSource source, IReadOnlyDictionary<string, long> dimensions, int step)
    {
        foreach (var input in inputs)
        {
            var sizes = input.Shape.Evaluate(dimensions) ?? source.FindSizes(input, dimensions)
                ?? throw new OpenDimensionException(input, dimensions);
            _values[input.Name] = source.Create(input, sizes, step);
        }
    }

    public IReadOnlyDictionary<string, OrtValue> Values => _values;

    /// <summary>The values in the order of the names.</summary>
    public IReadOnlyList<OrtValue> InOrder(IEnumerable<string> names) => [.. names.Select(name => _values[name])];

    public void Dispose()
    {
        foreach (var value in _values.Values) value.Dispose();
    }
}
