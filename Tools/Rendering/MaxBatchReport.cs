using System.Globalization;
using System.Text.Json.Nodes;
using OnnxActNN.Training.Batches;
using Spectre.Console;

namespace OnnxActNN.Tools.Rendering;

/// <summary>The largest batches of one or two models under one limit, with every trial.</summary>
/// <param name="Limit">Bytes.</param>
/// <param name="Dimension">Name of the batch dimension.</param>
/// <param name="Models">What was found.</param>
internal sealed record MaxBatchReport(long Limit, string Dimension, IReadOnlyList<LargestBatch> Models)
{
    /// <summary>Second over first; null with one model, or where the first fits no batch.</summary>
    private double? Ratio => Models is [{ Batch: > 0 } first, var second] ? (double)second.Batch / first.Batch : null;

    public JsonObject Json() => new()
    {
        ["limit_bytes"] = Limit,
        ["dimension"] = Dimension,
        ["models"] = new JsonArray([.. Models.Select(model => new JsonObject
        {
            ["path"] = model.Path,
            ["largest_batch"] = model.Batch,
            ["trials"] = new JsonArray([.. model.Trials.Select(Json)]),
        })]),
        ["ratio"] = Ratio,
    };

    public void WriteTable(TextWriter output)
    {
        var console = Terminal.Over(output);
        console.MarkupLineInterpolated($"limit {ByteText.Of(Limit)} ({Limit} bytes) of private memory");
        foreach (var model in Models)
        {
            var table = new Table().Border(TableBorder.Simple).AddColumn(Markup.Escape(Dimension)).AddColumn("fits")
                .AddColumn(new TableColumn("peak of a step").RightAligned())
                .AddColumn(new TableColumn("process").RightAligned());
            foreach (var trial in model.Trials)
            {
                table.AddRow(
                    trial.Batch.ToString(CultureInfo.InvariantCulture), trial.Fits ? "yes" : "no",
                    ByteText.Of(trial.PeakBytes), ByteText.Of(trial.ProcessBytes));
            }
            console.Write(table);
            console.MarkupLineInterpolated($"{Path.GetFileName(model.Path)}: largest {Dimension} {model.Batch}");
        }
        if (Ratio is { } ratio)
            console.MarkupLineInterpolated($"{ratio.ToString("F2", CultureInfo.InvariantCulture)} times as many");
    }

    private static JsonObject Json(BatchTrial trial) => new()
    {
        ["batch"] = trial.Batch,
        ["fits"] = trial.Fits,
        ["peak_bytes"] = trial.PeakBytes,
        ["process_bytes"] = trial.ProcessBytes,
        ["reason"] = trial.Reason,
    };
}
