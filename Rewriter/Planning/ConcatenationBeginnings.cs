using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// Finds packed tensors that are the beginning of a packed concatenation along the channels, as DenseNet's layers read
/// them.
/// </summary>
/// <remarks>
/// 1. A concatenation begins with its first input, and with every concatenation along the same axis whose inputs are
/// its first ones.
/// 2. The longest is taken.
/// </remarks>
internal static class ConcatenationBeginnings
{
    private const int ChannelAxis = 1;

    public static IReadOnlyDictionary<Value, FirstChannels> Find(IEnumerable<TensorPlan> packed)
    {
        var channels = packed.Where(
            plan => plan.Tensor.Type!.Shape is { Rank: > 2 } shape && shape[ChannelAxis].IsKnown)
            .ToDictionary(plan => plan.Tensor.Value, plan => plan.Tensor.Type!.Shape![ChannelAxis].Value!.Value);
        var parts = channels.Keys.ToDictionary(value => value, PartsOf);
        var concatenations = channels.Keys.Where(value => parts[value].Count > 1)
            .ToLookup(value => parts[value][0]);
        var found = new Dictionary<Value, FirstChannels>();
        foreach (var value in channels.Keys)
        {
            // What begins with the value has it as its first part, or that one's first part.
            var others = parts[value] is [var first, ..]
                ? concatenations[value].Concat(concatenations[first])
                : concatenations[value];
            // Rule 2.
            var longest = others.Where(other => IsBeginning(value, parts[value], parts[other]))
                .MaxBy(other => parts[other].Count);
            if (longest is not null) found.Add(value, new FirstChannels(value, longest, channels[value]));
        }
        return found;
    }

    /// <summary>Rule 1.</summary>
    private static bool IsBeginning(Value value, IReadOnlyList<Value> parts, IReadOnlyList<Value> others) =>
        others.Count > Math.Max(1, parts.Count)
            && (others[0] == value || parts.Count > 0 && others.Take(parts.Count).SequenceEqual(parts));

    private static IReadOnlyList<Value> PartsOf(Value value) =>
        value.Producer is { Operator.Type: "Concat" or "ConcatTraining" } node
            && node.Attributes.GetInt("axis", 0) == ChannelAxis
        && node.Inputs.All(input => input is not null)
            ? [.. node.Inputs.Select(input => input!)]
            : [];
}
