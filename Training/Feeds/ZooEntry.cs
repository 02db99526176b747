using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Training.Feeds;

/// <summary>
/// The description that a zoo of training graphs keeps beside each graph (<c>entry.json</c>): inputs with formulas that
/// give the same values in any language, the loss output, and which parameters there are.
/// </summary>
internal sealed class ZooEntry : IFeedSource
{
    private readonly Dictionary<string, (ZooInput Input, int Position)> _inputs;

    private ZooEntry(JsonElement root)
    {
        Name = root.GetProperty("name").GetString()!;
        LossOutput = root.GetProperty("loss_output").GetString()!;
        Runs = root.GetProperty("runs").GetBoolean();
        HasDropout = root.GetProperty("dropout").GetBoolean();
        Inputs = [.. root.GetProperty("inputs").EnumerateArray().Select(ReadInput)];
        ExampleDimensions = root.GetProperty("symbolic_dims_in_the_example").EnumerateObject()
            .ToDictionary(dimension => dimension.Name, dimension => dimension.Value.GetInt64());
        _inputs = Inputs.Select((input, position) => (input, position)).ToDictionary(pair => pair.input.Name);
    }

    public string Name { get; }

    public string LossOutput { get; }

    /// <summary>Whether ONNX Runtime 1.19.2 has kernels for all of the graph.</summary>
    public bool Runs { get; }

    /// <summary>Whether the training graph draws random numbers, so that its losses differ from run to run.</summary>
    public bool HasDropout { get; }

    public IReadOnlyList<ZooInput> Inputs { get; }

    /// <summary>Values of the named dimensions that the recorded losses belong to.</summary>
    public IReadOnlyDictionary<string, long> ExampleDimensions { get; }

    public IReadOnlySet<string> InputNames => _inputs.Keys.ToHashSet();

    /// <summary>Reads an entry file.</summary>
    /// <exception cref="EntryFormatException">The file is no entry.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ZooEntry ReadFile(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return new ZooEntry(document.RootElement);
        }
        catch (Exception reason) when (reason is JsonException or KeyNotFoundException or InvalidOperationException
                                           or FormatException or ArgumentException)
        {
            throw new EntryFormatException(path, reason);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The entry does not describe this input.</exception>
    public OrtValue Create(GraphInput input, long[] sizes, int step)
    {
        if (!_inputs.TryGetValue(input.Name, out var described))
            throw new NotSupportedException($"Entry '{Name}' does not describe the graph's input '{input.Name}'.");
        return FeedTensor.Create(input.ElementType, sizes, Formula(described.Input, described.Position, sizes, step));
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Graphs call a dimension by another name than the entry, where their maker lost it on the way to a reader of
    /// labels.
    /// </remarks>
    public long[]? FindSizes(GraphInput input, IReadOnlyDictionary<string, long> dimensions) =>
        _inputs.TryGetValue(input.Name, out var described) && described.Input.Shape is { } shape
        && shape.Rank == input.Shape.Rank
            ? shape.Evaluate(dimensions)
            : null;

    private static Func<long, double> Formula(ZooInput input, int position, long[] sizes, int step)
    {
        var (modulus, last) = (input.Modulus, sizes.Length > 0 ? sizes[^1] : 1);
        return input.Formula switch
        {
            "float" => i => Math.Sin(0.37 * i + step + 2 * position),
            "label" => i => (7 * i + 3L * step) % modulus,
            "token" => i => (i * i + 31 * i + step) % modulus,
            "mask" => i => i % last < last - i / last % 3 ? 1 : 0,
            _ => throw new NotSupportedException($"Input '{input.Name}': formula '{input.Formula}' is not known."),
        };
    }

    private static ZooInput ReadInput(JsonElement input) => new(
        input.GetProperty("name").GetString()!,
        input.GetProperty("formula").GetString()!,
        input.TryGetProperty("mod", out var modulus) ? modulus.GetInt64() : 0,
        [.. input.GetProperty("example_shape").EnumerateArray().Select(size => size.GetInt64())],
        input.TryGetProperty("shape", out var shape) ? new Shape(shape.EnumerateArray().Select(ReadDimension)) : null);

    private static Dimension ReadDimension(JsonElement dimension) =>
        dimension.ValueKind == JsonValueKind.String
            ? Dimension.Named(dimension.GetString()!)
            : Dimension.Of(dimension.GetInt64());
}
