using System.Text;
using System.Text.Json.Nodes;
using OnnxActNN.Training.Prediction;

namespace OnnxActNN.Tools.Exporting;

/// <summary>
/// Node data of Model Explorer: bytes that a node's results keep for the backward pass, by the name of the result,
/// which is one of the keys that Model Explorer finds nodes by.
/// </summary>
internal static class ModelExplorerExport
{
    public static byte[] Write(MemoryPrediction prediction) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["results"] = new JsonObject(prediction.Saved.Where(buffer => buffer.Bytes > 0).Select(buffer =>
            KeyValuePair.Create<string, JsonNode?>(buffer.Name, new JsonObject { ["value"] = buffer.Bytes }))),
        ["gradient"] = new JsonArray(
            new JsonObject { ["stop"] = 0, ["bgColor"] = "#e7f0fb" },
            new JsonObject { ["stop"] = 1, ["bgColor"] = "#2f6fc1" }),
    }.ToJsonString());
}
