using System.Globalization;
using System.Text.Json;

namespace OnnxActNN.GpuCheck.Steps;

/// <summary>The training steps of all models, as a table and as JSON.</summary>
/// <param name="Provider">The execution provider.</param>
/// <param name="Runtime">The version of ONNX Runtime.</param>
/// <param name="Results">One per model.</param>
internal sealed record StepReport(string Provider, string Runtime, IReadOnlyList<StepResult> Results)
{
    /// <summary>Whether all models' steps are right.</summary>
    public bool IsRight => Results.All(result => result.IsRight);

    public void WriteTable(TextWriter text)
    {
        text.WriteLine();
        text.WriteLine($"training steps, ONNX Runtime {Runtime}, {Provider}");
        text.WriteLine(
            $"{"model",-16} {"batch",6} {"graph",-7} {"loss",10} {"ms",9} "
            + $"{"arena peak MiB",15} {"device MiB",11} {"largest batch",14}");
        foreach (var result in Results)
        {
            WriteRow(text, result, "plain", result.Plain);
            WriteRow(text, result, "packed", result.Packed);
            text.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{"",-23} losses differ by {result.LossDifference:E1}, gradients by {result.GradientDistance:F3}"
                + $"{(result.IsRight ? "" : ": WRONG")}"));
        }
    }

    public void WriteJson(Utf8JsonWriter json)
    {
        json.WriteStartObject("steps");
        json.WriteString("provider", Provider);
        json.WriteString("onnxRuntime", Runtime);
        json.WriteStartArray("models");
        foreach (var result in Results)
        {
            json.WriteStartObject();
            json.WriteString("model", result.Model);
            json.WriteNumber("batch", result.Batch);
            json.WriteBoolean("isRight", result.IsRight);
            WriteNumber(json, "lossDifference", result.LossDifference);
            WriteNumber(json, "gradientDistance", result.GradientDistance);
            WriteJson(json, "plain", result.Plain);
            WriteJson(json, "packed", result.Packed);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRow(TextWriter text, StepResult result, string graph, StepMeasurement measured) =>
        text.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Model,-16} {result.Batch,6} {graph,-7} {measured.Loss,10:F6} {measured.Milliseconds,9:F2} "
            + $"{Mebibytes(measured.Arena?.PeakBytes),15} {Mebibytes(measured.DeviceBytes),11} "
            + $"{measured.LargestBatch?.ToString(CultureInfo.InvariantCulture) ?? "-",14}"));

    private static string Mebibytes(long? bytes) =>
        bytes is { } known ? (known / 1048576.0).ToString("F1", CultureInfo.InvariantCulture) : "-";

    private static void WriteJson(Utf8JsonWriter json, string graph, StepMeasurement measured)
    {
        json.WriteStartObject(graph);
        WriteNumber(json, "loss", measured.Loss);
        WriteNumber(json, "milliseconds", Math.Round(measured.Milliseconds, 3));
        WriteNumber(json, "arenaPeakBytes", measured.Arena?.PeakBytes);
        WriteNumber(json, "arenaTakenBytes", measured.Arena?.TakenBytes);
        WriteNumber(json, "deviceBytes", measured.DeviceBytes);
        WriteNumber(json, "largestBatch", measured.LargestBatch);
        json.WriteEndObject();
    }

    /// <summary>JSON knows neither NaN nor infinities: they are null, as what was not measured.</summary>
    private static void WriteNumber(Utf8JsonWriter json, string name, double? number)
    {
        if (number is { } known && double.IsFinite(known)) json.WriteNumber(name, known);
        else json.WriteNull(name);
    }
}
