using System.Globalization;
using System.Text.Json.Nodes;
using OnnxActNN.Tools.Rendering;

namespace OnnxActNN.Tools.Reporting;

/// <summary>What the tool prints beside a report's page: its figures.</summary>
internal static class ReportSummary
{
    public static JsonObject Json(IReadOnlyList<ReportedModel> models, string path) => new()
    {
        ["report"] = path,
        ["models"] = new JsonArray([.. models.Select(model => new JsonObject
        {
            ["path"] = model.Path,
            ["saved_bytes"] = model.Prediction.SavedBytes,
            ["peak_bytes"] = model.Prediction.PeakBytes,
            ["constant_bytes"] = model.Prediction.ConstantBytes,
            ["peak_measured_bytes"] = model.Measured?.PeakMeasuredBytes,
        })]),
    };

    public static void Write(TextWriter output, IReadOnlyList<ReportedModel> models, string path)
    {
        foreach (var model in models)
        {
            var prediction = model.Prediction;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{model.Label}: saves {ByteText.Of(prediction.SavedBytes)}, peak {ByteText.Of(prediction.PeakBytes)} "
                    + $"on top of {ByteText.Of(prediction.ConstantBytes)} that stay."));
        }
        output.WriteLine($"Wrote {path}.");
    }
}
