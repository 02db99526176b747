using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// Where the rows of a tensor begin: ranges differ between channels, so a group must not run across them.
/// </summary>
internal static class GroupAxis
{
    /// <summary>Values that are looked at on the way to an operator with channels in axis 1.</summary>
    private const int LargestReach = 12;

    private static readonly HashSet<string> SpatialOperators =
    [
        "Conv", "ConvTranspose", "ConvGrad", "ConvTransposeGrad", "BatchNormInternal", "BatchNormalization",
        "BatchNormalizationGrad", "InstanceNormalization", "MaxPool", "AveragePool", "GlobalAveragePool",
        "GlobalMaxPool", "Resize", "DepthToSpace", "SpaceToDepth", "LpPool", "LRN",
    ];

    /// <summary>Results have the axes of what they are made of.</summary>
    private static readonly HashSet<string> KeepAxes =
    [
        "Add", "Sub", "Sum", "Mul", "Div", "Neg", "Sigmoid", "Tanh", "LeakyRelu", "Relu", "Clip", "Dropout", "Max",
        "Min",
    ];

    /// <summary>
    /// 2 for tensors with channels in axis 1 (an operator on either side treats them so, or one behind operators that
    /// work element by element): a row is a plane. Else the last axis.
    /// </summary>
    public static int Of(Value value, int rank) => rank > 2 && HasChannelsFirst(value) ? 2 : -1;

    private static bool HasChannelsFirst(Value value)
    {
        if (value.Producer is { } producer && IsSpatial(producer) || value.Uses.Any(use => IsSpatial(use.Node)))
            return true;
        var (seen, pending) = (new HashSet<Value> { value }, new Queue<Value>([value]));
        while (pending.TryDequeue(out var next))
        {
            foreach (var node in next.Uses.Select(use => use.Node).Prepend(next.Producer).OfType<Node>())
            {
                if (IsSpatial(node)) return true;
                if (!KeepAxes.Contains(node.Operator.Type)) continue;
                foreach (var other in node.Inputs.Append(node.Output(0)).OfType<Value>())
                {
                    if (other is { Producer: not null } && seen.Count < LargestReach && seen.Add(other))
                        pending.Enqueue(other);
                }
            }
        }
        return false;
    }

    private static bool IsSpatial(Node node) =>
        SpatialOperators.Contains((BackwardMark.OriginOf(node)?.Operator ?? node.Operator).Type);
}
