using System.Globalization;
using System.Text.Json.Nodes;
using OnnxActNN.Training.Gradients;
using Spectre.Console;

namespace OnnxActNN.Tools.Rendering;

/// <summary>A verification, as JSON and as a table.</summary>
internal static class VerifyReport
{
    public static JsonObject Json(VerifyVerdict verdict, double? predicted)
    {
        var result = verdict.Result;
        return new JsonObject
        {
            ["passed"] = verdict.Passed,
            ["problems"] = new JsonArray([.. verdict.Problems.Select(problem => JsonValue.Create(problem))]),
            ["loss"] = Number(result.Loss),
            ["loss_difference"] = Number(result.LossDifference),
            ["plain_loss_difference"] = Number(result.PlainLossDifference),
            ["seeds"] = result.Draws,
            ["variance"] = Number(result.Variance),
            ["relative_variance"] = Number(result.RelativeVariance),
            ["predicted_variance"] = predicted is { } known ? Number(known) : null,
            ["relative_error"] = Number(result.RelativeError),
            ["largest_error"] = Number(verdict.LargestError),
            ["sources"] = new JsonArray([.. verdict.Sources.Select(Source)]),
            ["parameters"] = new JsonArray([.. result.Parameters.Select(parameter => Parameter(parameter, result))]),
        };
    }

    public static void WriteTable(TextWriter output, VerifyVerdict verdict, double? predicted)
    {
        var result = verdict.Result;
        var console = Terminal.Over(output);
        var table = new Table().Border(TableBorder.Simple).AddColumn("parameter");
        foreach (var title in (string[])["cosine", "relative error", "bias", "z"])
            table.AddColumn(new TableColumn(title).RightAligned());
        foreach (var parameter in result.Parameters.Where(parameter => parameter.Variance > 0))
        {
            table.AddRow(
                Markup.Escape(parameter.Name), Text(parameter.Cosine, "F4"), Text(parameter.RelativeError, "G3"),
                Text(parameter.RelativeBias, "P1"), Text(parameter.BiasScore, "F1"));
        }
        console.Write(table);
        var untouched = result.Parameters.Count(parameter => parameter.Variance == 0);
        if (untouched > 0) console.MarkupLineInterpolated($"{untouched} more have the same gradient in every draw.");
        var (loss, difference) = (Text(result.Loss, "G6"), Text(result.LossDifference, "G3"));
        console.MarkupLineInterpolated($"Loss {loss}, largest difference {difference}, {result.Draws} draws.");
        if (result.IsFusedDifferently)
            console.MarkupLine("ONNX Runtime fuses the two graphs differently; without its optimizations the losses "
                + "are the same to the last bit.");
        var variance = Text(result.RelativeVariance, "G3");
        console.MarkupLineInterpolated(
            $"Variance {variance} of the gradient's squared norm{Predicted(result, predicted)}.");
        var (error, limit) = (Text(result.RelativeError, "G3"), Text(verdict.LargestError, "G3"));
        console.MarkupLineInterpolated($"Mean squared error {error} of it; at most {limit} passes.");
        foreach (var problem in verdict.Problems) console.MarkupLineInterpolated($"{problem}.");
        console.MarkupLineInterpolated($"{(verdict.Passed ? "PASS" : "FAIL")}");
    }

    private static string Predicted(Verification result, double? predicted) =>
        predicted is { } value ? $", {Text(result.Variance / value, "F2")} times the predicted" : "";

    private static JsonObject Source(ErrorSource source) => new()
    {
        ["tensor"] = source.Tensor,
        ["levels"] = source.Levels,
        ["readers"] = source.Readers,
        ["share"] = Number(source.Share),
    };

    private static JsonObject Parameter(VerifiedParameter parameter, Verification whole) => new()
    {
        ["name"] = parameter.Name,
        ["squared_norm"] = Number(parameter.SquaredNorm),
        ["cosine"] = Number(parameter.Cosine),
        ["relative_error"] = Number(parameter.RelativeError),
        ["error_share"] = Number(parameter.Error / whole.SquaredNorm),
        ["relative_bias"] = Number(parameter.RelativeBias),
        ["bias_z"] = Number(parameter.BiasScore),
        ["variance"] = Number(parameter.Variance),
    };

    /// <summary>JSON has no NaN and no infinity: null.</summary>
    private static JsonValue? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
