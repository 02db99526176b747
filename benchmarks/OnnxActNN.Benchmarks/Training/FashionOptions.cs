namespace OnnxActNN.Benchmarks.Training;

/// <summary>The options of <see cref="FashionVerb"/>.</summary>
internal sealed class FashionOptions(NamedArguments arguments)
{
    /// <summary>Folder with the IDX files.</summary>
    public string Data => arguments["--data"];

    /// <summary>Folder with a folder per model.</summary>
    public string Models => arguments["--models"];

    /// <summary>Where the runs are recorded, one line each; runs that stand there are not done again.</summary>
    public string Csv => arguments["--csv"];

    /// <summary>Names of the models.</summary>
    public string[] Names => (arguments.Find("--names") ?? "lenet,resnet-tiny").Split(',');

    /// <summary>
    /// In what the runs save: the widths of <c>--bits</c>, then the averages of <c>--planned</c> and
    /// <c>--per-group</c>.
    /// </summary>
    public IEnumerable<FashionCode> Codes =>
        List("--bits", "32,8,4,2,1").Select(FashionCode.Uniform)
            .Concat(List("--planned", "").Select(FashionCode.Planned))
            .Concat(List("--per-group", "").Select(FashionCode.Grouped));

    public int Seeds => arguments.Number("--seeds", 3);

    public int Epochs => arguments.Number("--epochs", 2);

    public int BatchSize => arguments.Number("--batch-size", 64);

    public int Threads => arguments.Number("--threads", 1);

    /// <summary>The first so many training samples are used, and no others.</summary>
    public int TrainingSamples => arguments.Number("--samples", int.MaxValue);

    /// <summary>The first so many test samples are used, and no others.</summary>
    public int TestSamples => arguments.Number("--test-samples", int.MaxValue);

    private string[] List(string name, string otherwise) =>
        (arguments.Find(name) ?? otherwise).Split(',', StringSplitOptions.RemoveEmptyEntries);
}
