using System.Globalization;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Shapes;

namespace OnnxActNN.Rewriter.Tests.Shapes;

/// <summary>Infers the outputs of one node, all in text.</summary>
internal static class RuleCheck
{
    /// <summary>The output types, joined by "; ".</summary>
    /// <param name="op">Operator type, with its domain and :: in front where it is not the standard one.</param>
    /// <param name="inputs">
    /// Separated by ";": a type (<c>float32[batch, 4]</c>), a constant vector (<c>{1, 2}</c>), a constant scalar
    /// (<c>5</c>), or <c>-</c> for an input that is left out.
    /// </param>
    /// <param name="attributes">Attributes of the node.</param>
    /// <param name="outputs">Number of outputs.</param>
    /// <param name="opset">Version of the standard operator set.</param>
    public static string Infer(
        string op, string inputs, (string, object)[]? attributes = null, int outputs = 1, long opset = 17)
    {
        var graph = new TestGraph(opset: opset);
        var values = inputs.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select((text, index) => Operand(graph, text, $"x{index}")).ToArray();
        var written = graph.ApplyAll(op, outputs, values, attributes ?? []);
        var types = ShapeInference.Infer(graph.Model);
        return string.Join("; ", written.Select(value => types.Of(value)?.ToString() ?? "?"));
    }

    private static Value? Operand(TestGraph graph, string text, string name) => text switch
    {
        "-" => null,
        ['{', .. var list, '}'] =>
            graph.Constant(name, [.. list.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Number)]),
        [var first, ..] when char.IsAsciiDigit(first) || first == '-' => graph.Scalar(name, Number(text)),
        _ => graph.Input(name, text),
    };

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
