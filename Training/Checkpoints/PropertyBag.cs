namespace OnnxActNN.Training.Checkpoints;

/// <summary>Values that a training loop keeps with its checkpoint, such as an epoch's number.</summary>
public sealed class PropertyBag
{
    /// <summary>Whole numbers by name. (The format keeps 64 bits.)</summary>
    public IDictionary<string, long> Integers { get; } = new SortedDictionary<string, long>(StringComparer.Ordinal);

    /// <summary>Real numbers by name.</summary>
    public IDictionary<string, float> Floats { get; } = new SortedDictionary<string, float>(StringComparer.Ordinal);

    /// <summary>Texts by name.</summary>
    public IDictionary<string, string> Strings { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    internal bool IsEmpty => Integers.Count + Floats.Count + Strings.Count == 0;
}
