using System.Globalization;

namespace OnnxActNN.Benchmarks;

/// <summary>Arguments of a verb, as <c>--name value</c>.</summary>
internal sealed class NamedArguments
{
    private readonly Dictionary<string, string> _values;

    /// <exception cref="ArgumentException">A name has no value.</exception>
    public NamedArguments(IReadOnlyList<string> arguments) => _values = arguments.Chunk(2).ToDictionary(
        pair => pair[0],
        pair => pair.Length == 2 ? pair[1] : throw new ArgumentException($"{pair[0]} lacks its value."));

    /// <summary>The value of an argument that must be there.</summary>
    public string this[string name] => Find(name) ?? throw new ArgumentException($"{name} is missing.");

    public string? Find(string name) => _values.GetValueOrDefault(name);

    public int Number(string name, int otherwise) =>
        Find(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
