using System.Text;
using System.Text.Json.Nodes;
using OnnxActNN.Training.Prediction;

namespace OnnxActNN.Tools.Exporting;

/// <summary>A prediction in the Trace Event Format: a node takes a millisecond, since it was not run.</summary>
internal static class ChromeTraceExport
{
    private const int MicrosecondsPerNode = 1000;

    public static byte[] Write(MemoryPrediction prediction)
    {
        var events = new JsonArray();
        var categories = Enum.GetValues<MemoryCategory>();
        var columns = Array.ConvertAll(categories, prediction.BytesAt);
        for (var step = 0; step < prediction.Steps.Count; step++)
        {
            var node = Event(
                "X", prediction.Steps[step].Operator, step, step < prediction.FirstBackward ? "forward" : "backward");
            node["dur"] = MicrosecondsPerNode;
            node["args"] = new JsonObject { ["node"] = prediction.Steps[step].Node };
            events.Add((JsonNode)node);
            var counter = Event("C", "bytes alive", step, "memory");
            var at = step;
            counter["args"] = new JsonObject(categories.Zip(columns, (category, column) =>
                KeyValuePair.Create<string, JsonNode?>(category.ToString().ToLowerInvariant(), column[at])));
            events.Add((JsonNode)counter);
        }
        for (var index = 0; index < prediction.Buffers.Count; index++)
        {
            var buffer = prediction.Buffers[index];
            events.Add((JsonNode)Life("b", buffer, index, buffer.First));
            events.Add((JsonNode)Life("e", buffer, index, buffer.Last + 1));
        }
        return Encoding.UTF8.GetBytes(
            new JsonObject { ["traceEvents"] = events, ["displayTimeUnit"] = "ms" }.ToJsonString());
    }

    private static JsonObject Life(string phase, PredictedBuffer buffer, int id, int step)
    {
        var life = Event(phase, buffer.Name, step, buffer.Category.ToString().ToLowerInvariant());
        life["id"] = id;
        life["args"] = new JsonObject { ["bytes"] = buffer.Bytes };
        return life;
    }

    private static JsonObject Event(string phase, string name, int step, string category) => new()
    {
        ["ph"] = phase,
        ["name"] = name,
        ["cat"] = category,
        ["ts"] = (long)step * MicrosecondsPerNode,
        ["pid"] = 1,
        ["tid"] = 1,
    };
}
