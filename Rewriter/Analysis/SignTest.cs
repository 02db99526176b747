using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>
/// Comparisons with a constant zero, which ask for the sign alone: how standard operators write Relu's gradient.
/// </summary>
internal static class SignTest
{
    /// <summary>X &gt; 0, or 0 &lt; X.</summary>
    public static bool IsOn(Use use) => (use.Node.Operator.Type, use.Input) switch
    {
        ("Greater", 0) => IsZero(use.Node.Input(1)),
        ("Less", 1) => IsZero(use.Node.Input(0)),
        _ => false,
    };

    /// <summary>Whether every element of a constant is 0.</summary>
    public static bool IsZero(Value? value) =>
        NumbersOf(value) is { Length: > 0 } elements && Array.TrueForAll(elements, element => element == 0);

    /// <summary>The elements of a constant, an initializer or a Constant node's; null for all else.</summary>
    public static double[]? NumbersOf(Value? value)
    {
        var data = value switch
        {
            { IsConstant: true } => value.Initializer,
            { Producer: { Operator.Type: "Constant" } producer } =>
                (producer.Attributes.Find("value")?.Value as AttributeValue.Tensor)?.Value,
            _ => null,
        };
        return data?.TryGetFloats();
    }
}
