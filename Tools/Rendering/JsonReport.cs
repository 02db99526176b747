using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Diagnostics;

namespace OnnxActNN.Tools.Rendering;

/// <summary>Reports as JSON; field names are documented in docs/tool.md and do not change.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Layout = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(TextWriter output, JsonNode report) => output.WriteLine(report.ToJsonString(Layout));

    public static JsonObject Inspect(SavedTensorReport report)
    {
        var json = Head(report);
        json["saved"] = new JsonArray([.. report.Rows.Select(row => Row(row))]);
        json["totals"] = new JsonObject { ["saved_bytes"] = report.SavedBytes };
        return json;
    }

    public static JsonObject Rewrite(SavedTensorReport report)
    {
        var json = Head(report);
        json["saved"] = new JsonArray([.. report.Rows.Select(row =>
        {
            var entry = Row(row);
            entry["stored_bytes"] = row.StoredBytes;
            entry["bits"] = row.Bits;
            return entry;
        })]);
        json["totals"] = new JsonObject
        {
            ["saved_bytes"] = report.SavedBytes,
            ["stored_bytes"] = report.StoredBytes,
            ["ratio"] = report.Ratio,
        };
        return json;
    }

    private static JsonObject Head(SavedTensorReport report) => new()
    {
        ["dialect"] = report.Dialect switch
        {
            Dialect.OrtArtifacts => "ort_artifacts",
            Dialect.StepGraph => "step_graph",
            _ => "ort_module",
        },
        ["forward_nodes"] = report.ForwardNodes,
        ["backward_nodes"] = report.BackwardNodes,
    };

    private static JsonObject Row(SavedTensorRow row) => new()
    {
        ["name"] = row.Name,
        ["dtype"] = row.ElementType,
        ["shape"] = row.Shape is null ? null : new JsonArray([.. row.Shape.Select(Dimension)]),
        ["symbolic_bytes"] = row.SymbolicBytes,
        ["bytes"] = row.Bytes,
        ["is_alias"] = row.IsAlias,
        ["is_counted"] = row.IsCounted,
        ["class"] = row.Class.ToString(),
        ["decision"] = Word(row.Decision),
        ["reason"] = row.Reason,
        ["producer"] = row.Producer,
        ["stores"] = new JsonArray([.. row.Stores.Select(Store)]),
        ["consumers"] = new JsonArray([.. row.Consumers.Select(Consumer)]),
    };

    private static JsonNode Store(StoreRow store) => new JsonObject
    {
        ["decision"] = Word(store.Decision),
        ["what"] = store.Description,
        ["bytes"] = store.Bytes,
        ["bits"] = store.Bits,
    };

    private static JsonNode Consumer(SavedTensorConsumerRow consumer) => new JsonObject
    {
        ["node"] = consumer.Node,
        ["op"] = consumer.Operator,
        ["input"] = consumer.Input,
        ["class"] = consumer.Class.ToString(),
        ["decision"] = Word(consumer.Decision),
        ["bits"] = consumer.Bits,
        ["reads"] = Word(consumer.Reads),
    };

    private static JsonNode Dimension(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? JsonValue.Create(size)
            : JsonValue.Create(text);

    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
