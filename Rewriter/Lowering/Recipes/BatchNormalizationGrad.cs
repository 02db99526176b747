using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// With c = X − mean, i = inverse deviation and m elements per channel: dbias = Σ dY, dscale = i·Σ dY·c,
/// dX = scale·i·(dY − dbias/m − c·i·dscale/m), computed as a·dY + b·c + d with a, b, d per channel.
/// Source: batch_norm_grad.cc of ONNX Runtime 1.19.2. Input 4 is the inverse deviation, whatever its name says.
/// </summary>
internal sealed class BatchNormalizationGrad : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "BatchNormalizationGrad");

    public long Opset => 13;

    public void Write(NodeWriter writer)
    {
        var rank = writer.RankOf(1);
        var axes = ChannelStatistics.OtherAxes(rank);
        var (dY, inverse) = (writer.Input(0), writer.Input(4));
        var centered = writer.Input(1) - ChannelStatistics.Broadcastable(writer.Input(3), rank);
        var bias = ReduceSum(dY, axes, keepAxes: false);
        var scale = inverse * ReduceSum(dY * centered, axes, keepAxes: false);
        if (writer.IsWanted(0))
        {
            var count = writer.Cast(ElementsPerChannel(writer), DataType.Int64);
            var a = writer.Input(2) * inverse;
            var perElement = a / count;
            var b = -(perElement * (inverse * scale));
            var d = -(perElement * bias);
            writer.Return(0, Channels(a) * dY + (Channels(b) * centered + Channels(d)));
        }
        writer.Return(1, scale);
        writer.Return(2, bias);

        Term Channels(Term statistic) => ChannelStatistics.Broadcastable(statistic, rank);
    }

    private static Term ElementsPerChannel(NodeWriter writer)
    {
        var sizes = writer.Write("Shape", [writer.Input(0)]);
        return Product(
            writer.Write("Gather", [sizes, writer.Integers([.. ChannelStatistics.OtherAxes(writer.RankOf(1))])]));
    }
}
