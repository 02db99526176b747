using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// dX by <see cref="TransposedConvolution"/>, dW by <see cref="WeightGradient"/>, dB = Σ dY over batch and space.
/// Source: definition of Conv; checked against conv_grad.cc of ONNX Runtime 1.19.2.
/// </summary>
internal sealed class ConvGrad : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "ConvGrad");

    public long Opset => 13;

    public void Write(NodeWriter writer)
    {
        var data = writer.ShapeOf(1);
        var window = ConvolutionWindow.Of(writer.Node, writer.ShapeOf(2), larger: data, smaller: writer.ShapeOf(0));
        var dY = writer.Input(0);
        if (writer.IsWanted(0))
        {
            writer.Return(0, TransposedConvolution.Of(
                dY, writer.Input(2), window, ConvolutionWindow.SpatialSizes(data), () => writer.ShapeTensor(1)));
        }
        if (writer.IsWanted(1)) writer.Return(1, WeightGradient.Of(writer.Input(1), data, dY, window));
        if (writer.IsWanted(2))
            writer.Return(2, ReduceSum(dY, ChannelStatistics.OtherAxes(2 + window.Axes), keepAxes: false));
    }
}
