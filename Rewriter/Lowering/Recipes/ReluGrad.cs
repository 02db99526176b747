using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// dX = dY where Y &gt; 0, else 0. Source: relu_grad_impl.h of ONNX Runtime 1.19.2, (x &gt; 0) ? dy : 0.
/// </summary>
internal sealed class ReluGrad : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "ReluGrad");

    public long Opset => 9;

    public void Write(NodeWriter writer)
    {
        var (dY, y) = (writer.Input(0), writer.Input(1));
        writer.Return(0, Where(IsPositive(y), dY, writer.Number(0)));
    }
}
