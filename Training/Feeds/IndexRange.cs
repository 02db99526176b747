using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Training.Feeds;

/// <summary>
/// How many different whole numbers a graph input may take, by what reads it: classes of a loss, rows of a table.
/// </summary>
internal static class IndexRange
{
    /// <summary>The range where nothing else is known: 0 and 1, right for masks and safe for all else.</summary>
    public const long Flag = 2;

    private static readonly HashSet<string> Views =
        ["Cast", "Expand", "Flatten", "Identity", "Reshape", "Slice", "Squeeze", "Transpose", "Unsqueeze"];

    private static readonly HashSet<string> ClassLosses =
        ["SoftmaxCrossEntropyLoss", "SoftmaxCrossEntropyLossInternal", "NegativeLogLikelihoodLoss",
            "NegativeLogLikelihoodLossInternal"];

    /// <summary>The smallest range that any reader asks for; values go from 0 to one below it.</summary>
    /// <param name="input">The graph input.</param>
    /// <param name="shapeOf">The shape of any value, as far as known.</param>
    public static long Of(Value input, Func<Value, Shape?> shapeOf)
    {
        long? smallest = null;
        var seen = new HashSet<Value>();
        var open = new Stack<Value>([input]);
        while (open.TryPop(out var value))
        {
            if (!seen.Add(value)) continue;
            foreach (var use in value.Uses)
            {
                if (RangeAt(use, shapeOf) is { } range) smallest = Math.Min(smallest ?? range, range);
                else if (use.Input == 0 && Views.Contains(use.Node.Operator.Type) && use.Node.Output(0) is { } view)
                    open.Push(view);
            }
        }
        return smallest ?? Flag;
    }

    private static long? RangeAt(Use use, Func<Value, Shape?> shapeOf)
    {
        var node = use.Node;
        if (use.Input != 1) return null;
        if (ClassLosses.Contains(node.Operator.Type)) return Size(axis: 1);
        return node.Operator.Type == "Gather" ? Size((int)node.Attributes.GetInt("axis", 0)) : null;

        long? Size(int axis) => node.Input(0) is { } table && shapeOf(table) is { } shape ? SizeOf(shape, axis) : null;
    }

    private static long? SizeOf(Shape shape, int axis)
    {
        var positive = axis < 0 ? axis + shape.Rank : axis;
        return positive >= 0 && positive < shape.Rank ? shape[positive].Value : null;
    }
}
