using Microsoft.ML.OnnxRuntime;

namespace OnnxActNN.Training.Sessions;

/// <summary>Where a step writes the running statistics that the next one reads.</summary>
internal sealed class StatisticsUpdate : IDisposable
{
    private readonly TensorBlock _current;
    private readonly TensorBlock _next;

    /// <param name="current">What the graph reads.</param>
    /// <param name="layout">Layout of that block.</param>
    /// <param name="outputOf">The graph's output that is a statistic's successor, by the statistic's name.</param>
    public StatisticsUpdate(TensorBlock current, TensorLayout layout, IReadOnlyDictionary<string, string> outputOf)
    {
        (_current, _next) = (current, new TensorBlock(layout));
        Outputs = outputOf.ToDictionary(pair => pair.Value, pair => _next.ToOrtValue(pair.Key));
    }

    /// <summary>Memory by output name.</summary>
    public IReadOnlyDictionary<string, OrtValue> Outputs { get; }

    /// <summary>Takes over what a step has written: a few numbers per channel.</summary>
    public void Accept() => _next.Flat.CopyTo(_current.Flat);

    public void Dispose()
    {
        foreach (var value in Outputs.Values) value.Dispose();
    }
}
