using System.Globalization;
using System.Text.Json.Nodes;
using OnnxActNN.Tools.Rendering;
using OnnxActNN.Training.Prediction;
using Spectre.Console;

namespace OnnxActNN.Tools.Comparing;

/// <summary>A difference as JSON and as a table.</summary>
/// <param name="difference">What differs.</param>
/// <param name="fileBytes">Sizes of the two files.</param>
/// <param name="memory">Memory of a step of each; null where sizes are open or a model is no training graph.</param>
internal sealed class DifferenceReport(
    GraphDifference difference, (long First, long Second) fileBytes,
    (MemoryPrediction First, MemoryPrediction Second)? memory)
{
    public JsonObject Json() => new()
    {
        ["nodes"] = new JsonObject(difference.Operators.Select(row =>
            KeyValuePair.Create<string, JsonNode?>(row.Operator, new JsonArray(row.First, row.Second)))),
        ["contract"] = new JsonArray([.. difference.Contract.Select(sentence => (JsonNode)sentence)]),
        ["file_bytes"] = Pair(fileBytes),
        ["saved_bytes"] = memory is { } both ? Pair((both.First.SavedBytes, both.Second.SavedBytes)) : null,
        ["peak_bytes"] = memory is { } two ? Pair((two.First.PeakBytes, two.Second.PeakBytes)) : null,
    };

    public void WriteTable(TextWriter output)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("").AddColumn(new TableColumn("A").RightAligned())
            .AddColumn(new TableColumn("B").RightAligned()).AddColumn(new TableColumn("B - A").RightAligned());
        foreach (var row in difference.Operators.Where(row => row.First != row.Second))
            AddCount(row.Operator, row.First, row.Second);
        AddCount("all nodes", difference.Operators.Sum(row => row.First), difference.Operators.Sum(row => row.Second));
        AddBytes("bytes of the file", fileBytes);
        if (memory is { } both)
        {
            AddBytes("saved for the backward pass", (both.First.SavedBytes, both.Second.SavedBytes));
            AddBytes("peak of a step", (both.First.PeakBytes, both.Second.PeakBytes));
        }
        Terminal.Over(output).Write(table);
        foreach (var sentence in difference.Contract) output.WriteLine(sentence);
        output.WriteLine(
            difference.Contract.Count == 0
            ? "Inputs, outputs and initializers are the same."
            : "The contract with callers is not the same.");

        void AddCount(string title, int first, int second) =>
            Add(
                title, Number(first), Number(second),
                (second - first).ToString("+0;-0;0", CultureInfo.InvariantCulture));
        void AddBytes(string title, (long First, long Second) bytes) =>
            Add(
                title, ByteText.Of(bytes.First), ByteText.Of(bytes.Second),
                (bytes.Second < bytes.First ? "-" : "+") + ByteText.Of(Math.Abs(bytes.Second - bytes.First)));
        void Add(params string[] cells) => table.AddRow([.. cells.Select(cell => new Text(cell))]);
    }

    private static string Number(int count) => count.ToString(CultureInfo.InvariantCulture);

    private static JsonArray Pair((long First, long Second) bytes) => new(bytes.First, bytes.Second);
}
