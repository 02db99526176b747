using System.Globalization;
using OnnxActNN.Format;

namespace OnnxActNN.Benchmarks.Training;

/// <summary>The options of <see cref="FashionVerb"/>, as <c>--name value</c>.</summary>
internal sealed class FashionOptions
{
    private const string Float32 = "32";
    private readonly Dictionary<string, string> _values;

    public FashionOptions(IReadOnlyList<string> arguments) =>
        _values = arguments.Chunk(2).ToDictionary(pair => pair[0], pair => pair.Length == 2 ? pair[1] : throw new ArgumentException($"{pair[0]} lacks its value."));

    /// <summary>Folder with the IDX files.</summary>
    public string Data => _values["--data"];

    /// <summary>Folder with a folder per model.</summary>
    public string Models => _values["--models"];

    /// <summary>Where the runs are recorded, one line each; runs that stand there are not done again.</summary>
    public string Csv => _values["--csv"];

    /// <summary>A Markdown file to write the table to; null for the output alone.</summary>
    public string? Table => _values.GetValueOrDefault("--table");

    /// <summary>Names of the models.</summary>
    public string[] Names => Get("--names", "lenet,resnet-tiny").Split(',');

    /// <summary>Widths of the codes; null for float32.</summary>
    public IEnumerable<CodeWidth?> Widths => Get("--bits", "32,8,4,2,1").Split(',')
        .Select(bits => bits == Float32 ? (CodeWidth?)null : CodeWidths.FromBits(int.Parse(bits, CultureInfo.InvariantCulture)));

    public int Seeds => Number("--seeds", 3);

    public int Epochs => Number("--epochs", 2);

    public int BatchSize => Number("--batch-size", 64);

    public int Threads => Number("--threads", 1);

    /// <summary>The first so many training samples are used, and no others.</summary>
    public int TrainingSamples => Number("--samples", int.MaxValue);

    /// <summary>The first so many test samples are used, and no others.</summary>
    public int TestSamples => Number("--test-samples", int.MaxValue);

    private int Number(string name, int otherwise) =>
        _values.TryGetValue(name, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private string Get(string name, string otherwise) => _values.GetValueOrDefault(name, otherwise);
}
