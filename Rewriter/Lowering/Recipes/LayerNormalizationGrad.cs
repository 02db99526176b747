using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// With n = (X − mean)·i, i the inverse deviation, g = dY·scale and E the mean over the normalized axes:
/// dX = i·(g − E[g] − n·E[g·n]); dscale = Σ dY·n and dbias = Σ dY over the other axes.
/// Source: layer_norm.cc (gradient) of ONNX Runtime 1.19.2. The simplified form (RMS) has no mean and no bias.
/// </summary>
internal sealed class LayerNormalizationGrad(string type, bool hasMean) : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, type);

    public long Opset => 13;

    public void Write(NodeWriter writer)
    {
        var rank = writer.RankOf(1);
        var axis = AxisOf(writer, rank, -1);
        var normalizedAxes = Axes(axis, rank);
        var dY = writer.Input(0);
        var inverse = writer.Input(hasMean ? 4 : 3);
        var normalized = (hasMean ? writer.Input(1) - writer.Input(3) : writer.Input(1)) * inverse;
        if (writer.IsWanted(0))
        {
            var gradient = dY * writer.Input(2);
            var along = normalized * ReduceMean(gradient * normalized, normalizedAxes);
            var across = hasMean ? gradient - ReduceMean(gradient, normalizedAxes) : gradient;
            writer.Return(0, inverse * (across - along));
        }
        if (writer.IsWanted(1)) writer.Return(1, ReduceSum(dY * normalized, Axes(0, axis), keepAxes: false));
        if (writer.IsWanted(2)) writer.Return(2, ReduceSum(dY, Axes(0, axis), keepAxes: false));
    }
}
