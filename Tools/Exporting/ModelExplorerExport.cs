using System.Text;
using System.Text.Json.Nodes;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Training.Prediction;

namespace OnnxActNN.Tools.Exporting;

/// <summary>
/// Node data of Model Explorer: bytes that a node's results keep for the backward pass, by the node's name; of an input
/// of the graph, by "[value] NAME".
/// </summary>
/// <remarks>
/// Facts of the viewer: it finds a node by its id, or by a result's name where the graph's adapter says it under
/// "tensor_name". The adapter for ONNX (model-explorer-onnx) says names of results elsewhere; its ids are the nodes'
/// names, and those above for inputs. It names what has no name by its own count, so that such nodes are not found.
/// </remarks>
internal static class ModelExplorerExport
{
    public static byte[] Write(Model model, MemoryPrediction prediction)
    {
        var results = new Dictionary<string, long>();
        foreach (var buffer in prediction.Saved.Where(buffer => buffer.Bytes > 0))
        {
            var node = model.Graph.Find(buffer.Name)?.Producer;
            var id = node is null ? $"[value] {buffer.Name}" : node.DisplayName;
            results[id] = results.GetValueOrDefault(id) + buffer.Bytes;
        }
        return Encoding.UTF8.GetBytes(new JsonObject
        {
            ["results"] = new JsonObject(results.Select(result =>
                KeyValuePair.Create<string, JsonNode?>(result.Key, new JsonObject { ["value"] = result.Value }))),
            ["gradient"] = new JsonArray(
                new JsonObject { ["stop"] = 0, ["bgColor"] = "#e7f0fb" },
                new JsonObject { ["stop"] = 1, ["bgColor"] = "#2f6fc1" }),
        }.ToJsonString());
    }
}
