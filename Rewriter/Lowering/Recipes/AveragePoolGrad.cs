using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// dY over the number of elements in each window, spread over the windows by a transposed convolution with ones, a
/// group per channel. Source: definition of AveragePool. ONNX Runtime 1.19.2 has this operator for fixed sizes only.
/// </summary>
internal sealed class AveragePoolGrad : IRecipe
{
    public OperatorId Operator { get; } = OperatorId.Onnx("AveragePoolGrad");

    public long Opset => 13;

    public void Write(NodeWriter writer)
    {
        var sizes = PooledSizes.Spatial(writer);
        var gradient = writer.ShapeOf(0);
        if (gradient?[1].Value is not { } channels || ConvolutionWindow.SpatialSizes(gradient) is not { } pooled)
            throw NodeWriter.Fail("the shape of the gradient is not known");
        var window = ConvolutionWindow.Of(writer.Node, null, larger: writer.ShapeOfOutput(0), smaller: gradient);
        var attributes = writer.Node.Attributes;
        var counts = WindowCounts.Of(window, sizes, pooled, attributes.GetInt("count_include_pad", 0) != 0);
        var share = Array.TrueForAll(counts, count => count == counts[0])
            ? 1.0 / counts[0] * writer.Input(0)
            : writer.Input(0) / writer.Numbers([1, 1, .. pooled], counts);
        var ones = new float[channels * window.Kernel.Aggregate(1L, (product, size) => product * size)];
        Array.Fill(ones, 1);
        writer.Return(0, TransposedConvolution.Of(
            share, writer.Numbers([channels, 1, .. window.Kernel], ones), window.ForPool(channels, sizes, pooled),
            sizes, () => PooledSizes.Of(writer)));
    }
}
