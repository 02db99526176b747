using FluentAssertions;
using OnnxActNN.Rewriter.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Shapes;

/// <summary>Rules of ONNX Runtime's gradient operators and of this project's own operators.</summary>
public sealed class BackwardRuleTests
{
    [Theory]
    [InlineData("com.microsoft::ReluGrad", "float32[?]; float32[batch, 4]", 1, "float32[batch, 4]")]
    [InlineData("com.microsoft::SoftmaxGrad_13", "float32[batch, 4]; float32[?]", 1, "float32[batch, 4]")]
    [InlineData("com.microsoft::DropoutGrad", "float32[batch, 4]; bool[batch, 4]", 1, "float32[batch, 4]")]
    [InlineData(
        "com.microsoft::ConvGrad", "float32[batch, 8, 4, 4]; float32[batch, 3, 6, 6]; float32[8, 3, 3, 3]", 3,
        "float32[batch, 3, 6, 6]; float32[8, 3, 3, 3]; float32[8]")]
    [InlineData(
        "com.microsoft::DivGrad", "float32[batch, 4]; float32[batch, 4]; float32[4]", 2,
        "float32[batch, 4]; float32[4]")]
    [InlineData(
        "com.microsoft::LayerNormalizationGrad",
        "float16[b, 4]; float16[b, 4]; float16[4]; float32[b, 1]; float32[b, 1]", 3,
        "float16[b, 4]; float16[4]; float16[4]")]
    [InlineData(
        "com.microsoft::BatchNormalizationGrad",
        "float32[b, 4, 3]; float32[b, 4, 3]; float32[4]; float32[4]; float32[4]", 3,
        "float32[b, 4, 3]; float32[4]; float32[4]")]
    [InlineData("com.microsoft::GatherGrad", "{160, 48}; int64[batch]; float32[batch, 48]", 1, "float32[160, 48]")]
    [InlineData(
        "com.microsoft::GatherGrad", "int64[2]; int64[batch]; float32[batch, 48]", 1,
        "float32[GatherGrad_d0, GatherGrad_d1]")]
    [InlineData("com.microsoft::SliceGrad", "float32[1]; {2, 3}; {0}; {1}", 1, "float32[2, 3]")]
    [InlineData(
        "com.microsoft::SoftmaxCrossEntropyLossGrad", "float32[]; float32[batch, 10]; int64[batch]", 1,
        "float32[batch, 10]")]
    [InlineData("com.microsoft::BroadcastGradientArgs", "{2, 3, 4}; {1, 4}", 2, "int64[0]; int64[2]")]
    [InlineData(
        "com.microsoft::InPlaceAccumulatorV2", "float32[3, 4]; float32[3, 4]; bool[1]", 2, "bool[1]; float32[3, 4]")]
    [InlineData("com.microsoft::SplitTraining", "float32[batch, 7]; {4, 3}", 2, "float32[4, 7]; float32[3, 7]")]
    [InlineData("com.microsoft::YieldOp", "float32[batch, 3]; float32[2]", 2, "float32[batch, 3]; float32[2]")]
    [InlineData(
        "ai.onnxactnn::QuantizePack", "float32[batch, 4]", 3,
        "uint8[QuantizePack_d0]; uint8[batch, 4, 0]; float32[batch, 4]")]
    [InlineData("ai.onnxactnn::UnpackDequant", "uint8[n]; uint8[batch, 4, 0]; float16[batch]", 1, "float16[batch, 4]")]
    [InlineData("ai.onnxactnn::MaskUnpack", "uint8[n]; uint8[batch, 4, 0]; float32[batch]", 1, "bool[batch, 4]")]
    [InlineData("ai.onnxactnn::ShapeCarrier", "float32[batch, 4]", 2, "uint8[batch, 4, 0]; float32[batch, 4]")]
    [InlineData("ai.onnxactnn::ReluGradFromMask", "float32[batch, 4]; uint8[n]", 1, "float32[batch, 4]")]
    public void Gradients_have_the_shape_of_what_they_belong_to(
        string op, string inputs, int outputs, string expected) =>
        RuleCheck.Infer(op, inputs, outputs: outputs).Should().Be(expected);

    [Fact]
    public void The_gradient_of_a_pooled_tensor_takes_its_size_from_the_forward_node()
    {
        var graph = new TestGraph();
        var pool = graph.ApplyAll(
            "MaxPool", 2, [graph.Input("x", "float32[batch, 8, 9, 9]")], ("kernel_shape", new[] { 2L, 2 }),
            ("strides", new[] { 2L, 2 }));
        var gradient = graph.Apply("MaxPoolGrad", pool[0], pool[1]);
        ShapeInference.Infer(graph.Model).Of(gradient)!.ToString().Should().Be("float32[batch, 8, 9, 9]");
    }

    [Fact]
    public void Without_its_forward_node_it_takes_the_declared_one()
    {
        var graph = new TestGraph();
        var gradient = graph.Apply(
            "MaxPoolGrad", graph.Input("dY", "float32[batch, 8, 4, 4]"),
            graph.Input("indices", "int64[batch, 8, 4, 4]"));
        gradient.Declared = TestGraph.Parse("float32[Pool_d0, 8, 9, 9]");
        ShapeInference.Infer(graph.Model).Of(gradient)!.ToString().Should().Be("float32[batch, 8, 9, 9]");
    }

    [Fact]
    public void A_shape_carrier_gives_the_shape_back()
    {
        var graph = new TestGraph();
        var carrier = graph.ApplyAll("ai.onnxactnn::ShapeCarrier", 2, [graph.Input("x", "float32[batch, 4]")])[0];
        var shape = graph.Apply("Shape", [carrier], ("end", -1L));
        var expanded = graph.Apply("Expand", graph.Input("dY", "float32[]"), shape);
        ShapeInference.Infer(graph.Model).Of(expanded)!.ToString().Should().Be("float32[batch, 4]");
    }
}
