using System.Globalization;
using System.Text;

namespace OnnxActNN.Rewriter.IR;

/// <summary>
/// A graph as text for people and approved-text tests: one value a line, in columns, the same for the same graph.
/// </summary>
/// <remarks>
/// <code>
/// graph main
///   input   x     float32[batch, 4]
///   const   w     float32[4, 3]
///           y     float32[batch, 3]  MatMul(x, w)
///           z     float32[batch, 3]  Clip(y, -, limit) from "node name"
///   output  z
/// </code>
/// Left-out inputs print as <c>-</c>, further outputs of a node on lines of their own under its first. Attributes stand
/// in the order of their names, integer constants of up to eight elements with their elements.
/// </remarks>
internal sealed class GraphPrinter
{
    private const int WidestColumn = 40;
    private const int MostElements = 8;
    private readonly Func<Value, TensorType?> _typeOf;
    private readonly StringBuilder _text = new();

    private GraphPrinter(Func<Value, TensorType?> typeOf) => _typeOf = typeOf;

    /// <summary>Prints the graph and the graphs inside it.</summary>
    /// <param name="graph">What to print.</param>
    /// <param name="typeOf">Types to show; by default the declared ones.</param>
    public static string Print(Graph graph, Func<Value, TensorType?>? typeOf = null)
    {
        var printer = new GraphPrinter(typeOf ?? (value => value.Declared));
        printer.Append(graph, indent: "");
        return printer._text.ToString();
    }

    private void Append(Graph graph, string indent)
    {
        _text.Append($"{indent}graph {graph.Name}".TrimEnd()).Append('\n');
        var rows = Rows(graph).ToList();
        var nameWidth = Width(rows.Select(row => row.Name));
        var typeWidth = Width(rows.Select(row => row.Type));
        foreach (var (kind, name, type, detail, node) in rows)
        {
            var line = $"{indent}  {kind,-6}  {name.PadRight(nameWidth)}  {type.PadRight(typeWidth)}  {detail}";
            _text.Append(line.TrimEnd()).Append('\n');
            foreach (var body in node?.Subgraphs ?? []) Append(body, indent + "    ");
        }
    }

    private IEnumerable<(string Kind, string Name, string Type, string Detail, Node? Node)> Rows(Graph graph)
    {
        foreach (var input in graph.Inputs)
            yield return ("input", input.Name, TypeText(input), input.Initializer is null ? "" : "with default", null);
        foreach (var constant in graph.Initializers.Where(value => value.IsConstant))
            yield return ("const", constant.Name, TypeText(constant), Elements(constant.Initializer!), null);
        foreach (var node in graph.Nodes)
        {
            for (var index = 0; index < Math.Max(1, node.Outputs.Count); index++)
            {
                var output = node.Output(index);
                var (call, caller) = index == 0 ? (Call(node), node) : ("", null);
                yield return ("", output?.Name ?? "-", output is null ? "" : TypeText(output), call, caller);
            }
        }
        foreach (var output in graph.Outputs) yield return ("output", output.Name, "", "", null);
    }

    private string TypeText(Value value) => _typeOf(value)?.ToString() ?? "?";

    private static string Call(Node node)
    {
        var inputs = string.Join(", ", node.Inputs.Select(input => input?.Name ?? "-"));
        var attributes = node.Attributes.OrderBy(attribute => attribute.Name, StringComparer.Ordinal)
            .Select(attribute => $" {attribute.Name}={Text(attribute.Value)}");
        var name = node.Name.Length > 0 ? $" from \"{node.Name}\"" : "";
        return $"{node.Operator}({inputs}){string.Concat(attributes)}{name}";
    }

    private static string Text(AttributeValue value) => value switch
    {
        AttributeValue.Int number => number.Value.ToString(CultureInfo.InvariantCulture),
        AttributeValue.Float number => number.Value.ToString("R", CultureInfo.InvariantCulture),
        AttributeValue.Bytes bytes => $"\"{bytes.Text}\"",
        AttributeValue.Ints list => $"[{string.Join(", ", list.Values)}]",
        AttributeValue.Floats list =>
            $"[{string.Join(", ", list.Values.Select(number => number.ToString("R", CultureInfo.InvariantCulture)))}]",
        AttributeValue.Tensor tensor => $"{tensor.Value.Type}{Elements(tensor.Value)}",
        AttributeValue.Subgraph body => $"graph {body.Value.Name}",
        AttributeValue.Subgraphs bodies => $"{bodies.Values.Count} graphs",
        _ => "...",
    };

    private static string Elements(TensorData data) =>
        data.Length <= MostElements && data.TryGetIntegers() is { } elements
            ? $"{{{string.Join(", ", elements)}}}"
            : "";

    /// <summary>The longest cell; a few very long ones stick out instead of pushing everything to the right.</summary>
    private static int Width(IEnumerable<string> cells) =>
        cells.Select(cell => cell.Length).Where(length => length <= WidestColumn).DefaultIfEmpty(0).Max();
}
