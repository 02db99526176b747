using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// A transposed convolution is the gradient of a convolution that has its result as data. So dX = Conv(dY, W), and dW
/// is that convolution's <see cref="WeightGradient"/> with data dY and gradient X; dB = Σ dY over batch and space.
/// Source: definition of ConvTranspose. ONNX Runtime 1.19.2 has this operator on CUDA only.
/// </summary>
internal sealed class ConvTransposeGrad : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "ConvTransposeGrad");

    public long Opset => 13;

    public void Write(NodeWriter writer)
    {
        var larger = writer.ShapeOf(0);
        var window = ConvolutionWindow.Of(writer.Node, writer.ShapeOf(2), larger, smaller: writer.ShapeOf(1));
        if (writer.Node.Attributes.Find("output_shape") is not null) throw NodeWriter.Fail("output_shape is set");
        var dY = writer.Input(0);
        if (writer.IsWanted(0)) writer.Return(0, DataGradient(dY, writer.Input(2), window));
        if (writer.IsWanted(1)) writer.Return(1, WeightGradient.Of(dY, larger, writer.Input(1), window));
        if (writer.IsWanted(2))
            writer.Return(2, ReduceSum(dY, ChannelStatistics.OtherAxes(2 + window.Axes), keepAxes: false));
    }

    private static Term DataGradient(Term dY, Term weight, ConvolutionWindow window) =>
        dY.Writer.Write("Conv", [dY, weight], attributes =>
        {
            attributes.Set("strides", new AttributeValue.Ints(window.Strides));
            attributes.Set("dilations", new AttributeValue.Ints(window.Dilations));
            attributes.Set("pads", new AttributeValue.Ints([.. window.Begins, .. window.Ends]));
            attributes.Set("group", window.Group);
        });
}
