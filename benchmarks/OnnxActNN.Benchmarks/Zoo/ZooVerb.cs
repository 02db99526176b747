using System.Diagnostics;
using System.Globalization;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Measurement;

namespace OnnxActNN.Benchmarks.Zoo;

/// <summary>
/// <c>zoo</c>: every graph of a folder, original and rewritten with the defaults, on the native training runtime or,
/// what that cannot run, lowered on the current one. Peaks and times are measured apart, because only times want a
/// quiet machine.
/// </summary>
internal sealed class ZooVerb
{
    /// <summary>The verb of the processes that measure.</summary>
    public const string ChildVerb = "measure-one";

    private readonly NamedArguments _arguments;
    private readonly ZooMeasurement _measurement = new(new MeasureProcess(() => MeasureProcess.Self(ChildVerb)));
    private readonly ZooRows _rows;

    private ZooVerb(NamedArguments arguments)
    {
        _arguments = arguments;
        _rows = new ZooRows(arguments["--csv"]);
    }

    public static int Run(string[] arguments, TextWriter output)
    {
        var verb = new ZooVerb(new NamedArguments(arguments));
        foreach (var folder in verb.Folders()) verb.Measure(folder);
        foreach (var line in ZooTable.Lines(verb._rows.All)) output.WriteLine(line);
        return 0;
    }

    /// <summary>The process that measures.</summary>
    public static int MeasureOne(TextReader input, TextWriter output) => MeasureChild.Run(input, output) ? 0 : 1;

    private IEnumerable<string> Folders()
    {
        var names = _arguments.Find("--names")?.Split(',');
        return Directory.GetDirectories(_arguments["--models"]).Order(StringComparer.Ordinal)
            .Where(folder => names is null || names.Contains(Path.GetFileName(folder)));
    }

    private void Measure(string folder)
    {
        var what = _arguments.Find("--what") ?? "all";
        var name = Path.GetFileName(folder);
        var row = _rows.Find(name) ?? new ZooRow { Model = name };
        if (what != "times" && !row.HasPeaks) row = Timed(name, "peaks", () => MeasurePeaks(folder, row));
        if (what != "peaks" && row.HasPeaks && !row.HasTimes)
            row = Timed(name, "times", () => MeasureTimes(folder, row));
    }

    private ZooRow Timed(string name, string what, Func<ZooRow> measure)
    {
        var watch = Stopwatch.StartNew();
        var row = measure();
        _rows.Set(row);
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{name}: {what} in {watch.Elapsed.TotalSeconds:F0} s {row.Problem}"));
        return row;
    }

    private ZooRow MeasurePeaks(string folder, ZooRow row)
    {
        var problem = "1.19.2 has no kernels for it";
        if (Native is { } library && ZooEntry.ReadFile(Path.Combine(folder, "entry.json")).Runs)
        {
            try
            {
                using var pair = Open(folder, library);
                return _measurement.Peaks(pair, row with { Problem = "" });
            }
            catch (OnnxActNNException reason)
            {
                problem = $"native: {reason.Message}";
            }
        }
        try
        {
            using var pair = Open(folder, library: null);
            return _measurement.Peaks(pair, row with { Problem = problem });
        }
        catch (OnnxActNNException reason)
        {
            return row with { Problem = $"{problem}; current: {reason.Message}" };
        }
    }

    private ZooRow MeasureTimes(string folder, ZooRow row)
    {
        // A graph that ran natively has no problem to tell.
        using var pair = Open(folder, row.Problem.Length == 0 ? Native : null);
        return _measurement.Times(pair, row);
    }

    private string? Native => _arguments.Find("--native");

    private ZooPair Open(string folder, string? library) =>
        new(folder, library, (_arguments.Number("--small", 2), _arguments.Number("--large", 6)));
}
