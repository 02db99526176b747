using System.Text.Json.Nodes;
using OnnxActNN.Training.Prediction;

namespace OnnxActNN.Tools.Reporting;

/// <summary>What the report's page reads, as JSON.</summary>
internal static class ReportData
{
    private static readonly MemoryCategory[] Categories = Enum.GetValues<MemoryCategory>();

    /// <summary>All that the page shows.</summary>
    /// <param name="models">The original, then the rewritten graph if there is one.</param>
    /// <param name="dimensions">Sizes of the named dimensions.</param>
    /// <param name="tensors">The saved tensors.</param>
    /// <param name="curves">Runs of a training; none where no file is given.</param>
    public static JsonObject Of(
        IReadOnlyList<ReportedModel> models, IReadOnlyDictionary<string, long> dimensions,
        IEnumerable<ReportedTensor> tensors, IReadOnlyList<TrainingCurve> curves)
    {
        var sizes = string.Join(", ", dimensions.Select(size => $"{size.Key}={size.Value}"));
        var subject = string.Join(" and ", models.Select(model => $"{model.Path} ({model.Label})"))
            + (sizes.Length > 0 ? $" at {sizes}" : "");
        return new JsonObject
        {
            ["subject"] = subject,
            ["categories"] = Array(Categories.Select(category => (JsonNode)NameOf(category))),
            ["category_names"] =
                new JsonObject(
                    Categories.Select(
                        category => KeyValuePair.Create<string, JsonNode?>(NameOf(category), TitleOf(category)))),
            ["models"] = Array(models.Select(Model)),
            ["tensors"] = Array(tensors.Select(Tensor)),
            ["curves"] = curves.Count == 0 ? null : Array(curves.Select(Curve)),
            ["notes"] = Array(ReportNotes.Of(models).Select(note => (JsonNode)note)),
        };
    }

    private static JsonObject Model(ReportedModel model)
    {
        var prediction = model.Prediction;
        return new JsonObject
        {
            ["label"] = model.Label,
            ["path"] = model.Path,
            ["first_backward"] = prediction.FirstBackward,
            ["steps"] = Array(prediction.Steps.Select(step => new JsonArray(step.Node, step.Operator))),
            ["constant"] = new JsonObject(
                prediction.Constant.Select(
                    entry => KeyValuePair.Create<string, JsonNode?>(NameOf(entry.Key), entry.Value))),
            ["buffers"] = Array(prediction.Buffers.Where(buffer => buffer.Bytes > 0).Select(buffer =>
                new JsonArray(buffer.Name, (int)buffer.Category, buffer.Bytes, buffer.First, buffer.Last))),
            ["saved_bytes"] = prediction.SavedBytes,
            ["peak_bytes"] = prediction.PeakBytes,
            ["peak_step"] = prediction.PeakStep,
            ["measured"] = Measured(model),
        };
    }

    private static JsonObject? Measured(ReportedModel model) =>
        model is { Measured: { } measured, Execution: { } execution }
        ? new JsonObject
        {
            ["runtime"] = measured.Runtime,
            ["saved_bytes"] = measured.SavedBytes,
            ["peak_liveness_bytes"] = measured.PeakLivenessBytes,
            ["peak_measured_bytes"] = measured.PeakMeasuredBytes,
            ["step_ms"] = Array(measured.StepMs.Select(time => (JsonNode)time)),
            ["first_backward"] = execution.ForwardKernels,
            ["bytes_at"] = Array(execution.BytesAt.Select(bytes => (JsonNode)bytes)),
        }
        : null;

    private static JsonObject Tensor(ReportedTensor tensor) => new()
    {
        ["name"] = tensor.Row.Name,
        ["shape"] = tensor.Row.Shape is { } shape ? Array(shape.Select(dimension => (JsonNode)dimension)) : null,
        ["class"] = tensor.Row.Class.ToString(),
        ["bytes"] = tensor.Row.Bytes,
        ["stored_bytes"] = tensor.StoredBytes,
        ["bits"] = tensor.Bits,
        ["decision"] = tensor.Decision,
        ["reason"] = tensor.Reason,
        ["producer"] = tensor.Row.Producer,
        ["consumers"] = Array(tensor.Row.Consumers.Select(consumer => (JsonNode)consumer.Node)),
    };

    private static JsonObject Curve(TrainingCurve curve) => new()
    {
        ["run"] = curve.Run,
        ["epoch"] = Array(curve.Epochs.Select(epoch => (JsonNode)epoch)),
        ["loss"] = Array(curve.Losses.Select(loss => (JsonNode)loss)),
        ["eval_loss"] = Array(curve.EvalLosses.Select(loss => (JsonNode?)loss)),
        ["accuracy"] = Array(curve.Accuracies.Select(share => (JsonNode?)share)),
    };

    private static JsonArray Array(IEnumerable<JsonNode?> items) => new([.. items]);

    private static string NameOf(MemoryCategory category) => category.ToString().ToLowerInvariant();

    private static string TitleOf(MemoryCategory category) => category switch
    {
        MemoryCategory.Parameters => "parameters",
        MemoryCategory.Gradients => "gradients of parameters",
        MemoryCategory.Optimizer => "optimizer",
        MemoryCategory.Saved => "saved as computed",
        MemoryCategory.Packed => "saved, packed",
        MemoryCategory.Masks => "saved masks and indices",
        _ => "working set",
    };
}
