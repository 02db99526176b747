using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OnnxActNN.Training.Measurement;
using Spectre.Console;

namespace OnnxActNN.Tools.Rendering;

/// <summary>One or two measured models, as JSON and as a table.</summary>
internal static class MeasureReport
{
    private static readonly (string Kind, Func<StepShares, double> Share)[] Shares =
    [
        ("pack", shares => shares.Pack), ("unpack", shares => shares.Unpack), ("rebuild", shares => shares.Rebuild),
        ("profile", shares => shares.Profile), ("other", shares => shares.Other),
    ];

    public static JsonObject Json(IReadOnlyList<MeasuredModel> models)
    {
        var json = new JsonObject
        {
            ["models"] = new JsonArray(
                [.. models.Select(model => JsonSerializer.SerializeToNode(model, MeasureJson.Default.MeasuredModel))]),
        };
        if (models is [var original, var rewritten])
            json["ratios"] = JsonSerializer.SerializeToNode(
                MeasureRatios.Of(original, rewritten), MeasureJson.Default.MeasureRatios);
        return json;
    }

    public static void WriteTable(TextWriter output, IReadOnlyList<MeasuredModel> models)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("");
        foreach (var model in models)
            table.AddColumn(new TableColumn(Markup.Escape(Path.GetFileName(model.Path))).RightAligned());
        var ratios = models is [var original, var rewritten] ? MeasureRatios.Of(original, rewritten) : null;
        if (ratios is not null) table.AddColumn(new TableColumn("ratio").RightAligned());

        Add("saved for the backward pass", model => ByteText.Of(model.SavedBytes), ratios?.Saved);
        Add("peak by liveness", model => ByteText.Of(model.PeakLivenessBytes), ratios?.PeakLiveness);
        Add("peak measured", model => ByteText.Of(model.PeakMeasuredBytes), ratios?.PeakMeasured);
        Add("step, median", model => Milliseconds(model.StepMs[0]), ratios?.StepTime);
        Add("step, least to most", model => $"{Milliseconds(model.StepMs[1])} to {Milliseconds(model.StepMs[2])}",
            null);
        Add(
            "pages fetched in a step",
            model => model.StepPageFaults?.ToString("N0", CultureInfo.InvariantCulture) ?? "–", null);
        Add("within the system", model => model.StepSystemMs is { } time ? Milliseconds(time) : "–", null);
        foreach (var (kind, share) in Shares) Add($"of it {kind}", model => Percent(share(model.Shares)), null);
        Add("loss, first to last", model => $"{Loss(model.Losses[0])} to {Loss(model.Losses[^1])}", null);
        Add("packs before unpacks", model => model.PacksBeforeUnpacks ? "yes" : "no", null);
        Add("pass-throughs copied", model => model.PassthroughCopies?.ToString(CultureInfo.InvariantCulture) ?? "–",
            null);

        var console = Terminal.Over(output);
        console.MarkupLineInterpolated(
            $"{models[0].Runtime}, {string.Join(", ", models[0].Dims.Select(size => $"{size.Key}={size.Value}"))}");
        console.Write(table);
        if (ratios is not null)
            console.MarkupLine("Memory ratios are first / second, the time ratio is second / first.");

        void Add(string title, Func<MeasuredModel, string> text, double? ratio)
        {
            var cells = models.Select(text).Prepend(title);
            if (ratios is not null) cells = cells.Append(ratio?.ToString("F2", CultureInfo.InvariantCulture) ?? "");
            table.AddRow([.. cells.Select(cell => new Text(cell))]);
        }
    }

    private static string Milliseconds(double time) =>
        time.ToString(time < 10 ? "F2" : "F0", CultureInfo.InvariantCulture) + " ms";

    private static string Percent(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture) + " %";

    private static string Loss(double loss) => loss.ToString("G6", CultureInfo.InvariantCulture);
}
