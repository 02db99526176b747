namespace OnnxActNN.Tools.Reporting;

/// <summary>Sentences under a report that say where its numbers come from.</summary>
internal static class ReportNotes
{
    public static IEnumerable<string> Of(IReadOnlyList<ReportedModel> models)
    {
        yield return "Predicted: every buffer lives from the node that makes it to the last node that touches it, in "
            + "the order of ONNX Runtime's sequential executor, at the sizes given. What ONNX Runtime's optimizers "
            + "fuse when a session starts is not part of it, nor are the caller's inputs.";
        yield return "Saved: what is made before the first gradient and needed from then on. Working set: the rest.";
        if (models.Count > 1)
            yield return "Both graphs share both axes. Each pass is drawn as wide as the original's, so that the "
                + "passes meet in one line; pale and dashed is the original.";
        if (models.Any(model => model.Execution is not null))
        {
            yield return "Measured: the red lines are the same arithmetic on the order and sizes of a step that ran, "
                + "under ONNX Runtime's profiler; a measured peak is what a step needed on top of what stays between "
                + "steps, drawn on top of parameters, gradients and optimizer.";
        }
        foreach (var model in models.Where(model => model.Prediction.UnknownValues.Count > 0))
        {
            var unknown = model.Prediction.UnknownValues;
            yield return $"In the {model.Label} graph the sizes of {unknown.Count} values are "
                + "not known and count as nothing: "
                + $"{string.Join(", ", unknown.Take(5))}{(unknown.Count > 5 ? ", …" : "")}";
        }
    }
}
