using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>Which values share one buffer: operators that ONNX Runtime runs without moving data.</summary>
internal static class BufferViews
{
    private static readonly HashSet<OperatorId> Views =
    [
        OperatorId.Onnx("Identity"), OperatorId.Onnx("Reshape"), OperatorId.Onnx("Flatten"),
        OperatorId.Onnx("Squeeze"), OperatorId.Onnx("Unsqueeze"),
    ];

    /// <summary>The value that owns the buffer: follows views to their source.</summary>
    public static Value Owner(Value value)
    {
        while (SourceOf(value) is { } source) value = source;
        return value;
    }

    /// <summary>Who reads the buffer that a value lies in, by whichever of its names.</summary>
    public static IEnumerable<Use> ReadersOf(Value value) => ValuesIn(Owner(value)).SelectMany(held => held.Uses);

    /// <summary>All values that lie in the buffer of its owner.</summary>
    public static IEnumerable<Value> ValuesIn(Value owner) => owner.Uses
        .SelectMany(use => use.Node.Outputs).OfType<Value>()
        .Where(output => SourceOf(output) == owner).Distinct().SelectMany(ValuesIn).Prepend(owner);

    /// <summary>The value that this one is a view or an alias of; null for one with a buffer of its own.</summary>
    public static Value? SourceOf(Value value)
    {
        if (value.Producer is not { } producer) return null;
        if (Views.Contains(producer.Operator)) return producer.Input(0);
        if (producer.Operator == PackOperators.BatchNormalizationFromPacked)
            return producer.Input(PackOperators.OverwrittenAddend);
        return PackOperators.PassThroughOutput(producer.Operator) == value.OutputIndex ? producer.Input(0) : null;
    }
}
