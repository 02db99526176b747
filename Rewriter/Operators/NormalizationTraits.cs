using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Operators;

/// <summary>
/// A normalization whose result and gradient can be computed from its packed input: one row per operator. All have
/// their inputs in the order X, scale, bias, and their gradients in the order dY, X, scale, mean, inverse deviation,
/// the mean only where there is one.
/// </summary>
/// <param name="Forward">The forward operator.</param>
/// <param name="Gradient">Its gradient.</param>
/// <param name="MeanOutput">The forward operator's output with the mean; null where none is subtracted.</param>
/// <param name="InverseOutput">Its output with the inverse deviation.</param>
/// <param name="FromPacked">
/// What makes the result from codes: packed, shape, trigger, scale, bias, mean, inverse deviation.
/// </param>
/// <param name="GradientFromPacked">
/// What makes the gradients: dY, packed, shape, scale, mean, inverse deviation.
/// </param>
/// <param name="IsOfChannels">
/// Statistics are those of channels, many elements each: a Relu, a bound or a summand behind it is computed along, and
/// an error's square in its gradient is averaged out. Else they are those of a row.
/// </param>
internal sealed record NormalizationTraits(
    OperatorId Forward, OperatorId Gradient, int? MeanOutput, int InverseOutput, OperatorId FromPacked,
    OperatorId GradientFromPacked, bool IsOfChannels)
{
    private static readonly NormalizationTraits[] Rows =
    [
        new(
            Microsoft("BatchNormInternal"), Microsoft("BatchNormalizationGrad"), 3, 4,
            Own(OperatorSchema.BatchNormalizationFromPacked.Name),
            Own(OperatorSchema.BatchNormalizationGradFromPacked.Name), IsOfChannels: true),
        new(
            OperatorId.Onnx("LayerNormalization"), Microsoft("LayerNormalizationGrad"), 1, 2,
            Own(OperatorSchema.LayerNormalizationFromPacked.Name),
            Own(OperatorSchema.LayerNormalizationGradFromPacked.Name), IsOfChannels: false),
        new(
            OperatorId.Onnx("SimplifiedLayerNormalization"), Microsoft("SimplifiedLayerNormalizationGrad"), null, 1,
            Own(OperatorSchema.LayerNormalizationFromPacked.Name),
            Own(OperatorSchema.LayerNormalizationGradFromPacked.Name), IsOfChannels: false),
    ];

    /// <summary>Both operators of every row.</summary>
    public static IEnumerable<OperatorId> Operators => Rows.SelectMany(row => new[] { row.Forward, row.Gradient });

    /// <summary>
    /// The row of a node that normalizes; null for all other nodes, and where it does not hand out its statistics.
    /// </summary>
    public static NormalizationTraits? Of(Node? node)
    {
        if (node is null) return null;
        foreach (var row in Rows)
        {
            if (row.Forward == node.Operator)
                return row.InverseOf(node) is null || row.MeanOutput is not null && row.MeanOf(node) is null
                    ? null
                    : row;
        }
        return null;
    }

    /// <summary>The row of a gradient operator; null for all other operators.</summary>
    public static NormalizationTraits? OfGradient(OperatorId op)
    {
        foreach (var row in Rows)
        {
            if (row.Gradient == op) return row;
        }
        return null;
    }

    /// <summary>The mean that a forward node found; null where the row has none.</summary>
    public Value? MeanOf(Node node) => MeanOutput is { } output ? node.Output(output) : null;

    /// <summary>The inverse deviation that a forward node found.</summary>
    public Value? InverseOf(Node node) => node.Output(InverseOutput);

    private static OperatorId Microsoft(string type) => new(OperatorId.Microsoft, type);

    private static OperatorId Own(string type) => new(OperatorSchema.Domain, type);
}
