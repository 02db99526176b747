using System.Globalization;
using OnnxActNN.Format;

namespace OnnxActNN.Benchmarks.Training;

/// <summary>The options of <see cref="FashionVerb"/>.</summary>
internal sealed class FashionOptions(NamedArguments arguments)
{
    private const string Float32 = "32";

    /// <summary>Folder with the IDX files.</summary>
    public string Data => arguments["--data"];

    /// <summary>Folder with a folder per model.</summary>
    public string Models => arguments["--models"];

    /// <summary>Where the runs are recorded, one line each; runs that stand there are not done again.</summary>
    public string Csv => arguments["--csv"];

    /// <summary>Names of the models.</summary>
    public string[] Names => (arguments.Find("--names") ?? "lenet,resnet-tiny").Split(',');

    /// <summary>Widths of the codes; null for float32.</summary>
    public IEnumerable<CodeWidth?> Widths => (arguments.Find("--bits") ?? "32,8,4,2,1").Split(',')
        .Select(bits => bits == Float32
            ? (CodeWidth?)null
            : CodeWidths.FromBits(int.Parse(bits, CultureInfo.InvariantCulture)));

    public int Seeds => arguments.Number("--seeds", 3);

    public int Epochs => arguments.Number("--epochs", 2);

    public int BatchSize => arguments.Number("--batch-size", 64);

    public int Threads => arguments.Number("--threads", 1);

    /// <summary>The first so many training samples are used, and no others.</summary>
    public int TrainingSamples => arguments.Number("--samples", int.MaxValue);

    /// <summary>The first so many test samples are used, and no others.</summary>
    public int TestSamples => arguments.Number("--test-samples", int.MaxValue);
}
