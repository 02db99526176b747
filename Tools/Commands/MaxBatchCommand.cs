using System.CommandLine;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Tools.Rendering;
using OnnxActNN.Training.Batches;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Prediction;

namespace OnnxActNN.Tools.Commands;

/// <summary>
/// <c>max-batch MODEL</c>: the largest batch that trains within a hard memory limit, found by training; of two models
/// side by side.
/// </summary>
internal static class MaxBatchCommand
{
    private const string UsualDimension = "batch";

    private static readonly Argument<string> Model = CommonOptions.Model();

    private static readonly Option<string?> Against = CommonOptions.Against();

    private static readonly Option<string?> Limit = new("--limit")
    {
        Description = "Bytes of private memory that the process may have: 500000, 24MB, 1.5GB.",
    };

    private static readonly Option<long?> LimitFromBatch = new("--limit-from-batch")
    {
        Description = "In place of --limit: the least limit, within 1 %, under which MODEL trains this batch.",
    };

    private static readonly Option<string?> DimensionName = new("--dim-name")
    {
        Description = "The dimension that is the batch; without it the one that has no size.",
    };

    public static Command Create()
    {
        var options = new MeasureOptionSet(steps: 2);
        var json = CommonOptions.Json();
        var command = new Command("max-batch", "The largest batch that trains within a hard memory limit.")
        {
            Model, Against, Limit, LimitFromBatch, DimensionName, json,
        };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            var report = Search(parsed, options.Read(parsed, parsed.GetValue(Model)!));
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) JsonReport.Write(output, report.Json());
            else report.WriteTable(output);
            return ExitCode.Done;
        });
        return command;
    }

    private static MaxBatchReport Search(ParseResult parsed, MeasureRequest given)
    {
        string[] models = parsed.GetValue(Against) is { } other
            ? [given.Model, Path.GetFullPath(other)]
            : [given.Model];
        MeasureOptionSet.RequireFiles(given, models);
        var request = given with { Dimensions = Sizes(given) };
        var dimension = parsed.GetValue(DimensionName) ?? OnlyOpenDimension(given);
        var process = new MeasureProcess(() => MeasureProcess.Self(MeasureChildCommand.Name));
        var trials = new BatchTrials(process, request, dimension);
        var limit = (parsed.GetValue(Limit), parsed.GetValue(LimitFromBatch)) switch
        {
            ({ } text, null) when ByteText.Parse(text) is > 0 and var bytes => (long)bytes,
            (null, { } batch) when batch > 0 => trials.LeastLimit(request.Model, batch),
            _ => throw new UsageException("give one of --limit and --limit-from-batch, above 0."),
        };
        return new MaxBatchReport(limit, dimension, [.. models.Select(model => trials.FindBatch(model, limit))]);
    }

    /// <summary>Those of the entry's example too, as its inputs take them.</summary>
    private static Dictionary<string, long> Sizes(MeasureRequest request)
    {
        var sizes = new Dictionary<string, long>(
            request.Entry is { } entry ? ZooEntry.ReadFile(entry).ExampleDimensions : new Dictionary<string, long>());
        foreach (var (name, size) in request.Dimensions) sizes[name] = size;
        return sizes;
    }

    private static string OnlyOpenDimension(MeasureRequest request)
    {
        var open = OpenDimensions.Of(ModelReader.ReadFile(request.Model).Graph, request.Dimensions);
        return open switch
        {
            [var only] => only,
            _ when open.Contains(UsualDimension) && request.Entry is not null => UsualDimension,
            [] => throw new UsageException("every dimension has a size; the batch must be left open."),
            _ => throw new UsageException(
                $"--dim-name says which of {string.Join(", ", open)} is the batch; the others take --dim NAME=SIZE."),
        };
    }
}
