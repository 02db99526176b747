using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// dX = dY − exp(Y)·Σ dY, the sum over the softmax axis, or over all axes from it on in operator sets before 13.
/// Source: the derivative of x − log Σ exp x, in terms of its value.
/// </summary>
internal sealed class LogSoftmaxGrad(string type, long defaultAxis, bool toTheLastAxis) : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, type);

    public long Opset => 13;

    public void Write(NodeWriter writer)
    {
        var rank = writer.RankOf(1);
        var axis = AxisOf(writer, rank, defaultAxis);
        var (dY, y) = (writer.Input(0), writer.Input(1));
        writer.Return(0, dY - Exp(y) * ReduceSum(dY, Axes(axis, toTheLastAxis ? rank : axis + 1)));
    }
}
