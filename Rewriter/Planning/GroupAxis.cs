using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// Where the rows of a tensor begin: ranges differ between channels, so a group must not run across them.
/// </summary>
internal static class GroupAxis
{
    private static readonly HashSet<string> SpatialOperators =
    [
        "Conv", "ConvTranspose", "ConvGrad", "ConvTransposeGrad", "BatchNormInternal", "BatchNormalization",
        "BatchNormalizationGrad", "InstanceNormalization", "MaxPool", "AveragePool", "GlobalAveragePool",
        "GlobalMaxPool", "Resize", "DepthToSpace", "SpaceToDepth", "LpPool", "LRN",
    ];

    /// <summary>
    /// 2 for tensors with channels in axis 1 (an operator on either side treats them so): a row is a plane. Else the
    /// last axis.
    /// </summary>
    public static int Of(Value value, int rank)
    {
        var neighbours = value.Uses.Select(use => use.Node).Prepend(value.Producer).OfType<Node>();
        return rank > 2 && neighbours.Any(node => SpatialOperators.Contains(OriginalTypeOf(node))) ? 2 : -1;
    }

    private static string OriginalTypeOf(Node node) => (BackwardMark.OriginOf(node)?.Operator ?? node.Operator).Type;
}
