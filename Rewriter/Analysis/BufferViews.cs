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

    /// <summary>All values that lie in the buffer of its owner.</summary>
    public static List<Value> ValuesIn(Value owner)
    {
        var values = new List<Value>();
        Collect(owner, values);
        return values;
    }

    /// <summary>The same, into an empty list; for who asks for many.</summary>
    public static void Collect(Value owner, List<Value> values)
    {
        values.Add(owner);
        for (var at = 0; at < values.Count; at++)
        {
            var uses = values[at].Uses;
            for (var index = 0; index < uses.Count; index++)
            {
                foreach (var output in uses[index].Node.Results)
                {
                    if (SourceOf(output) == values[at] && !values.Contains(output)) values.Add(output);
                }
            }
        }
    }

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
