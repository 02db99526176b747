using System.Globalization;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Training.Prediction;

namespace OnnxActNN.Tools.Exporting;

/// <summary>
/// The model itself, with what is known of memory as properties of its nodes (<c>metadata_props</c>, ONNX 1.16), which
/// Netron shows and ONNX Runtime ignores.
/// </summary>
internal static class NetronExport
{
    /// <summary>What the names of the properties start with.</summary>
    public const string Prefix = "onnxactnn.";

    public static byte[] Write(Model model, MemoryPrediction prediction)
    {
        var saved = prediction.Saved.ToDictionary(buffer => buffer.Name);
        var places = new Dictionary<string, int>();
        for (var step = 0; step < prediction.Steps.Count; step++) places.TryAdd(prediction.Steps[step].Node, step);
        var alive = Enum.GetValues<MemoryCategory>().Select(prediction.BytesAt).ToList();
        foreach (var node in model.Graph.Nodes)
        {
            if (!places.TryGetValue(node.DisplayName, out var step)) continue;
            Set(node, "step", step);
            Set(node, "bytes_alive", alive.Sum(column => column[step]));
            node.Metadata[Prefix + "pass"] = step < prediction.FirstBackward ? "forward" : "backward";
            var kept = node.Outputs.OfType<Value>().Select(output => saved.GetValueOrDefault(output.Name))
                .OfType<PredictedBuffer>().ToList();
            if (kept.Count == 0) continue;
            Set(node, "saved_bytes", kept.Sum(buffer => buffer.Bytes));
            node.Metadata[Prefix + "saved_as"] =
                string.Join(", ", kept.Select(buffer => buffer.Category.ToString().ToLowerInvariant()).Distinct());
        }
        return ModelWriter.Write(model);
    }

    private static void Set(Node node, string name, long number) =>
        node.Metadata[Prefix + name] = number.ToString(CultureInfo.InvariantCulture);
}
