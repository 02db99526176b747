using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes.Rules;

/// <summary>
/// Operators that run a graph of their own. Of its results the declarations count, and of these the known sizes: a name
/// in a body is the body's own.
/// </summary>
internal static class ControlFlowRules
{
    public static void AddTo(RuleRows<ShapeRule> rows)
    {
        rows.Onnx(If, "If");
        rows.Onnx(Loop, "Loop");
    }

    /// <summary>What both branches agree on.</summary>
    private static void If(RuleContext context)
    {
        if (context.Node.Subgraphs.ToList() is not [var one, var other]) return;
        for (var output = 0; output < context.OutputCount; output++)
        {
            if (Declared(context, one, output) is not { } type || Declared(context, other, output) is not { } second
                || type.ElementType != second.ElementType)
                continue;
            context.Set(output, type.ElementType, type.Shape?.Equals(second.Shape) == true ? type.Shape : null);
        }
    }

    /// <summary>
    /// The body's results are the condition, what is carried from turn to turn, and what is collected. It may run no
    /// turn at all: what is carried has then the type that it came with.
    /// </summary>
    private static void Loop(RuleContext context)
    {
        if (context.Node.Subgraphs.FirstOrDefault() is not { } body) return;
        var carried = context.InputCount - 2;
        for (var output = 0; output < context.OutputCount; output++)
        {
            if (Declared(context, body, output + 1) is not { } type) continue;
            var keeps = output < carried && type.Shape?.Equals(context.ShapeOf(output + 2)) == true;
            context.Set(output, type.ElementType, keeps ? type.Shape : null);
        }
    }

    private static TensorType? Declared(RuleContext context, Graph body, int output)
    {
        if (output >= body.Outputs.Count || (body.Outputs[output].Declared ?? context.TypeOf(body.Outputs[output]))
            is not { } type)
            return null;
        return type.Shape is { IsStatic: true } ? type : type with { Shape = null };
    }
}
