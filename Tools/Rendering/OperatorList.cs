using System.Text;
using System.Text.Json.Nodes;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.Rewriter.Operators;
using Spectre.Console;

namespace OnnxActNN.Tools.Rendering;

/// <summary>
/// The operator table and the lowering recipes, read off the code: as a table, as JSON, as docs/operators.md.
/// </summary>
internal static class OperatorList
{
    /// <summary>What stands above the tables.</summary>
    private const string Introduction = """
        # Operators
        This page is written by `onnxactnn ops --markdown` from the code; a test holds it to that.

        What an operator of the backward pass needs of each of its inputs decides how a tensor that it reads can be kept
        (docs/storage-classes.md). The last need of a row holds for all further inputs. An operator without a row is
        named in the report and gets exact tensors. *Lowered* operators have a recipe in standard operators
        (docs/lowering.md).

        | need | what of the input is read |
        |---|---|

        """;

    private static readonly (Need Need, string Name, string Meaning)[] Needs =
    [
        (Need.Shape, "shape", "only its dimensions"),
        (Need.PassOn, "pass on", "what the readers of the result need: views, sums, other maps that are linear in it"),
        (Need.Linear, "linear", "its value; the result is linear in it, so an unbiased code keeps gradients unbiased"),
        (Need.Normalization, "normalization", "its value, as the input of a normalization; measured to stand few bits"),
        (Need.Nonlinear, "nonlinear",
            "its value; the result bends in it, so it gets at least 8 bits unless told otherwise"),
        (Need.Sign, "sign", "whether it is positive"),
        (Need.Bool, "bool", "a truth value"),
        (Need.WindowIndex, "window index", "an index within a pooling window"),
        (Need.Exact, "exact", "itself, to the last bit"),
    ];

    public static JsonObject Json() => new()
    {
        ["operators"] = new JsonArray([.. OperatorTable.All.Select(row => new JsonObject
        {
            ["op"] = row.Operator.ToString(),
            ["needs"] = new JsonArray([.. row.Inputs.Select(need => (JsonNode)NameOf(need))]),
            ["is_lowered"] = IsLowered(row.Operator),
        })]),
        ["lowered_only"] = new JsonArray([.. LoweredOnly().Select(op => (JsonNode)op.ToString())]),
    };

    public static void WriteTable(TextWriter output)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("operator").AddColumn("needs of its inputs")
            .AddColumn("lowered");
        foreach (var row in OperatorTable.All)
            table.AddRow(
                new Text(row.Operator.ToString()), new Text(NeedsOf(row)),
                new Text(IsLowered(row.Operator) ? "yes" : ""));
        Terminal.Over(output).Write(table);
        output.WriteLine($"Lowered too: {string.Join(", ", LoweredOnly())}.");
    }

    public static string Markdown()
    {
        var text = new StringBuilder(Introduction.Replace("\r\n", "\n", StringComparison.Ordinal));
        foreach (var (_, name, meaning) in Needs) text.Append($"| {name} | {meaning} |\n");
        text.Append("\n| operator | needs of its inputs | lowered |\n|---|---|---|\n");
        foreach (var row in OperatorTable.All)
            text.Append($"| {row.Operator} | {NeedsOf(row)} | {(IsLowered(row.Operator) ? "yes" : "")} |\n");
        text.Append("\nLowered too, though the backward pass reads nothing saved through them: ");
        return text.AppendJoin(", ", LoweredOnly()).Append(".\n").ToString();
    }

    private static IEnumerable<OperatorId> LoweredOnly() =>
        RecipeTable.All.Select(recipe => recipe.Operator).Where(op => OperatorTable.Find(op) is null)
            .OrderBy(op => op.ToString(), StringComparer.Ordinal);

    private static string NeedsOf(OperatorTraits row) => string.Join(", ", row.Inputs.Select(NameOf));

    private static string NameOf(Need need) => Array.Find(Needs, row => row.Need == need).Name ?? need.ToString();

    private static bool IsLowered(OperatorId op) => RecipeTable.Find(op) is not null;
}
