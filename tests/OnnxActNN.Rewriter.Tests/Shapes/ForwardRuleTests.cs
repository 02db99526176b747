using FluentAssertions;
using OnnxActNN.Rewriter.IR;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Shapes;

/// <summary>Rules of the operators that forward graphs are made of.</summary>
public sealed class ForwardRuleTests
{
    [Theory]
    [InlineData("Relu", "float32[batch, 4]", "float32[batch, 4]")]
    [InlineData("Add", "float32[batch, 1, 4]; float32[3, 1]", "float32[batch, 3, 4]")]
    [InlineData("Add", "float32[batch]; float32[7]", "float32[7]")]
    [InlineData("Add", "float32[]; float32[batch]", "float32[batch]")]
    [InlineData("Add", "float32[mask, 1, 4]; float32[batch, heads, 4, 4]", "float32[batch, heads, 4, 4]")]
    [InlineData("Add", "float32[mask, 4]; float32[3, batch, 4]", "float32[3, batch, 4]")]
    [InlineData("Add", "float32[batch + 1]; float32[other]", "float32[other]")]
    [InlineData("Add", "float32[?]; float32[batch]", "float32[?]")]
    [InlineData("Less", "int64[batch]; int64[]", "bool[batch]")]
    [InlineData("Where", "bool[1, 4]; float16[batch, 1]; float16[]", "float16[batch, 4]")]
    [InlineData("Sum", "float32[1]; float32[3, 1]; float32[batch, 1, 5]", "float32[batch, 3, 5]")]
    [InlineData("CastLike", "float32[batch]; int64[2]", "int64[batch]")]
    public void Elementwise(string op, string inputs, string expected) =>
        RuleCheck.Infer(op, inputs).Should().Be(expected);

    [Theory]
    [InlineData("float32[batch, 4]; float32[4, 3]", "float32[batch, 3]")]
    [InlineData("float32[4]; float32[4]", "float32[]")]
    [InlineData("float32[4]; float32[batch, 4, 3]", "float32[batch, 3]")]
    [InlineData("float32[batch, 4]; float32[4]", "float32[batch]")]
    [InlineData("float32[batch, heads, 5, 4]; float32[4, 6]", "float32[batch, heads, 5, 6]")]
    public void MatMul(string inputs, string expected) => RuleCheck.Infer("MatMul", inputs).Should().Be(expected);

    [Fact]
    public void Gemm_and_its_kin_take_transposed_operands()
    {
        RuleCheck.Infer("Gemm", "float32[4, batch]; float32[3, 4]", [("transA", 1L), ("transB", 1L)])
            .Should().Be("float32[batch, 3]");
        RuleCheck.Infer("com.microsoft::FusedMatMul", "float32[batch, 4, 5]; float32[batch, 4, 6]", [("transA", 1L)])
            .Should().Be("float32[batch, 5, 6]");
        RuleCheck.Infer(
            "com.microsoft::FusedMatMul", "float32[5, batch, 4]; float32[batch, 4, 6]", [("transBatchA", 1L)])
            .Should().Be("float32[batch, 5, 6]");
        RuleCheck.Infer(
            "Einsum", "float32[batch, h, i, d]; float32[batch, h, j, d]", [("equation", "bhid, bhjd -> bhij")])
            .Should().Be("float32[batch, h, i, j]");
        RuleCheck.Infer("Einsum", "float32[i, k]; float32[k, j]", [("equation", "ik,kj")]).Should().Be("float32[i, j]");
    }

    [Fact]
    public void Convolutions()
    {
        RuleCheck.Infer(
            "Conv", "float32[batch, 3, 224, width]; float32[64, 3, 7, 7]",
            [("strides", new[] { 2L, 2 }), ("pads", new[] { 3L, 3, 3, 3 })])
            .Should().Be("float32[batch, 64, 112, floor((width - 1)/2) + 1]");
        RuleCheck.Infer("Conv", "float32[1, 3, 10]; float32[8, 3, 3]", [("dilations", new[] { 2L })])
            .Should().Be("float32[1, 8, 6]");
        RuleCheck.Infer(
            "Conv", "float32[1, 3, 10]; float32[8, 3, 3]", [("auto_pad", "SAME_UPPER"), ("strides", new[] { 3L })])
            .Should().Be("float32[1, 8, 4]");
        RuleCheck.Infer(
            "ConvTranspose", "float32[batch, 8, 5, 5]; float32[8, 4, 3, 3]",
            [("group", 2L), ("strides", new[] { 2L, 2 }), ("output_padding", new[] { 1L, 0 })])
            .Should().Be("float32[batch, 8, 12, 11]");
    }

    [Fact]
    public void Pooling()
    {
        (string, object)[] window = [("kernel_shape", new[] { 3L, 3 }), ("strides", new[] { 2L, 2 })];
        RuleCheck.Infer("MaxPool", "float32[batch, 8, 10, 9]", window, outputs: 2)
            .Should().Be("float32[batch, 8, 4, 4]; int64[batch, 8, 4, 4]");
        RuleCheck.Infer("AveragePool", "float32[batch, 8, 10, 9]", [.. window, ("ceil_mode", 1L)])
            .Should().Be("float32[batch, 8, 5, 4]");
        RuleCheck.Infer("GlobalAveragePool", "float32[batch, 8, h, w]").Should().Be("float32[batch, 8, 1, 1]");
    }

    [Fact]
    public void In_ceil_mode_a_window_that_starts_behind_the_data_does_not_count() =>
        RuleCheck.Infer(
            "MaxPool", "float32[1, 1, 4]",
            [("kernel_shape", new[] { 1L }), ("strides", new[] { 2L }), ("pads", new[] { 0L, 1 }), ("ceil_mode", 1L)])
            .Should().Be("float32[1, 1, 2]");

    [Fact]
    public void Reductions_take_axes_as_attribute_or_input()
    {
        RuleCheck.Infer("ReduceMean", "float32[batch, 4, 5]", [("axes", new[] { -1L }), ("keepdims", 0L)])
            .Should().Be("float32[batch, 4]");
        RuleCheck.Infer("ReduceSum", "float32[batch, 4, 5]; {0, 1}").Should().Be("float32[1, 1, 5]");
        RuleCheck.Infer("ReduceSum", "float32[batch, 4]", [("keepdims", 0L)]).Should().Be("float32[]");
        RuleCheck.Infer("ReduceSum", "float32[batch, 4]; {}", [("noop_with_empty_axes", 1L)])
            .Should().Be("float32[batch, 4]");
        RuleCheck.Infer("ReduceSum", "float32[batch, 4]; int64[1]", [("keepdims", 0L)])
            .Should().Be("float32[ReduceSum_d0]");
        RuleCheck.Infer("ArgMax", "float32[batch, 4]", [("axis", 1L), ("keepdims", 0L)]).Should().Be("int64[batch]");
    }

    [Theory]
    [InlineData("float32[batch, 12]; {-1, 3}", "float32[4*batch, 3]")]
    [InlineData("float32[batch, 12]; {0, 3, -1}", "float32[batch, 3, 4]")]
    [InlineData("float32[batch*sequence, 48]; {0, 4, 12}", "float32[batch*sequence, 4, 12]")]
    [InlineData("float32[batch, 5]; int64[3]", "float32[Reshape_d0, Reshape_d1, Reshape_d2]")]
    [InlineData("float32[batch, 5]; {-1, 7}", "float32[floor(5*batch/7), 7]")]
    public void Reshape(string inputs, string expected) => RuleCheck.Infer("Reshape", inputs).Should().Be(expected);

    [Fact]
    public void Axes_come_and_go()
    {
        RuleCheck.Infer("Unsqueeze", "float32[batch, 4]; {0, -1}").Should().Be("float32[1, batch, 4, 1]");
        RuleCheck.Infer("Unsqueeze", "float32[batch]", [("axes", new[] { 1L })], opset: 11)
            .Should().Be("float32[batch, 1]");
        RuleCheck.Infer("Squeeze", "float32[1, batch, 1]; {0, 2}").Should().Be("float32[batch]");
        RuleCheck.Infer("Squeeze", "float32[1, 3]").Should().Be("float32[3]");
        RuleCheck.Infer("Squeeze", "float32[1, batch]").Should().Be("float32[?]");
        RuleCheck.Infer("Flatten", "float32[batch, 4, 5]").Should().Be("float32[batch, 20]");
        RuleCheck.Infer("Flatten", "float32[batch, 4]", [("axis", 0L)]).Should().Be("float32[1, 4*batch]");
        RuleCheck.Infer("Transpose", "float32[batch, 4, 5]", [("perm", new[] { 2L, 0, 1 })])
            .Should().Be("float32[5, batch, 4]");
        RuleCheck.Infer("Transpose", "float32[batch, 4]").Should().Be("float32[4, batch]");
        RuleCheck.Infer("DepthToSpace", "float32[batch, 8, h, w]", [("blocksize", 2L)])
            .Should().Be("float32[batch, 2, 2*h, 2*w]");
    }

    [Fact]
    public void Parts_are_joined_and_divided()
    {
        RuleCheck.Infer("Concat", "float32[batch, 4]; float32[batch, n]; float32[batch, 1]", [("axis", 1L)])
            .Should().Be("float32[batch, n + 5]");
        RuleCheck.Infer(
            "com.microsoft::ConcatTraining", "float32[batch, 4]; float32[batch, 3]", [("axis", -1L)], outputs: 2)
            .Should().Be("float32[batch, 7]; int64[2]");
        RuleCheck.Infer("Split", "float32[batch, 6]; {2, 4}", [("axis", 1L)], outputs: 2)
            .Should().Be("float32[batch, 2]; float32[batch, 4]");
        RuleCheck.Infer("Split", "float32[7]", [("num_outputs", 3L)], outputs: 3, opset: 18)
            .Should().Be("float32[3]; float32[3]; float32[1]");
        RuleCheck.Infer("Split", "float32[6]", [("split", new[] { 5L, 1 })], outputs: 2, opset: 11)
            .Should().Be("float32[5]; float32[1]");
        RuleCheck.Infer("Pad", "float32[batch, 4]; {0, 1, 0, -2}").Should().Be("float32[batch, 3]");
        RuleCheck.Infer("Pad", "float32[batch, 4]; {2, 3}; -; {1}", opset: 18).Should().Be("float32[batch, 9]");
        RuleCheck.Infer("Expand", "float32[1, 4]; {3, 2, 1}").Should().Be("float32[3, 2, 4]");
        RuleCheck.Infer("Tile", "float32[batch, 4]; {2, 3}").Should().Be("float32[2*batch, 12]");
    }

    [Theory]
    [InlineData("{1}; {-1}; {1}", "float32[batch, sequence - 2]")]
    [InlineData("{0}; {9223372036854775807}; {1}", "float32[batch, sequence]")]
    [InlineData("{0}; {64}; {1}", "float32[batch, Min(64, sequence)]")]
    [InlineData("{-1}; {-9223372036854775807}; {1}; {-1}", "float32[batch, sequence]")]
    [InlineData("{0}; {9223372036854775807}; {1}; {2}", "float32[batch, floor((sequence + 1)/2)]")]
    [InlineData("int64[1]; {3}; {0}", "float32[Slice_d0, sequence]")]
    public void Slice(string ranges, string expected) =>
        RuleCheck.Infer("Slice", $"float32[batch, sequence]; {ranges}").Should().Be(expected);

    [Theory]
    [InlineData("{8}; {2}; {0}", "float32[0]")]
    [InlineData("{-3}; {100}; {0}", "float32[3]")]
    [InlineData("{100}; {-100}; {0}; {-3}", "float32[4]")]
    [InlineData("{-100}; {5}; {0}; {2}", "float32[3]")]
    public void Slice_bounds_are_held_inside_a_known_axis(string ranges, string expected) =>
        RuleCheck.Infer("Slice", $"float32[10]; {ranges}").Should().Be(expected);

    [Fact]
    public void Indexing()
    {
        RuleCheck.Infer("Gather", "float32[vocabulary, 48]; int64[batch, sequence]")
            .Should().Be("float32[batch, sequence, 48]");
        RuleCheck.Infer("Gather", "float32[batch, 48]; 3", [("axis", 1L)]).Should().Be("float32[batch]");
        RuleCheck.Infer("GatherND", "float32[batch, 4, 5]; int64[batch, 3, 1]", [("batch_dims", 1L)])
            .Should().Be("float32[batch, 3, 5]");
        RuleCheck.Infer("GatherElements", "float32[batch, 4]; int64[batch, 2]").Should().Be("float32[batch, 2]");
        RuleCheck.Infer("ScatterND", "float32[batch, 4]; int64[3, 1]; float32[3, 4]").Should().Be("float32[batch, 4]");
        RuleCheck.Infer("TopK", "float32[batch, 9]; {3}", outputs: 2).Should().Be("float32[batch, 3]; int64[batch, 3]");
        RuleCheck.Infer("NonZero", "float32[batch, 4]").Should().Be("int64[2, NonZero_d1]");
    }

    [Fact]
    public void Creation()
    {
        RuleCheck.Infer("Shape", "float32[batch, 4, 5]", [("end", -1L)]).Should().Be("int64[2]");
        RuleCheck.Infer(
            "ConstantOfShape", "{2, 3}", [("value", new AttributeValue.Tensor(DenseTensorData.Integers(7)))]).Should()
            .Be("int64[2, 3]");
        RuleCheck.Infer("Range", "1; 8; 3").Should().Be("int64[3]");
        RuleCheck.Infer("Range", "8; 1; -3").Should().Be("int64[3]");
        RuleCheck.Infer("OneHot", "int64[batch]; 10; float32[2]").Should().Be("float32[batch, 10]");
        RuleCheck.Infer("Constant", "", [("value_ints", new[] { 1L, 2 })]).Should().Be("int64[2]");
    }

    [Fact]
    public void Resize_takes_sizes_or_scales()
    {
        RuleCheck.Infer("Resize", "float32[batch, 3, h, 8]; -; -; {2, 3, 10, 16}").Should().Be("float32[2, 3, 10, 16]");
        RuleCheck.Infer("Resize", "float32[batch, 3, h, 8]; -; {1, 1, 2, 2}").Should().Be("float32[batch, 3, 2*h, 16]");
        RuleCheck.Infer("Upsample", "float32[batch, h]", [("scales", new AttributeValue.Floats([1, 0.5f]))], opset: 7)
            .Should().Be("float32[batch, floor(h/2)]");
    }

    [Fact]
    public void Normalizations_and_losses()
    {
        RuleCheck.Infer("LayerNormalization", "float16[batch, 5, 48]; float16[48]; float16[48]", outputs: 3)
            .Should().Be("float16[batch, 5, 48]; float32[batch, 5, 1]; float32[batch, 5, 1]");
        RuleCheck.Infer(
            "com.microsoft::BatchNormInternal", "float32[batch, 8, h]; float32[8]; float32[8]; float32[8]; float32[8]",
            outputs: 5)
            .Should().Be("float32[batch, 8, h]; float32[8]; float32[8]; float32[8]; float32[8]");
        RuleCheck.Infer("SoftmaxCrossEntropyLoss", "float32[batch, 10]; int64[batch]", outputs: 2)
            .Should().Be("float32[]; float32[batch, 10]");
        RuleCheck.Infer("SoftmaxCrossEntropyLoss", "float32[batch, 10]; int64[batch]", [("reduction", "none")])
            .Should().Be("float32[batch]");
        RuleCheck.Infer("Dropout", "float32[batch, 4]", outputs: 2).Should().Be("float32[batch, 4]; bool[batch, 4]");
    }

    [Fact]
    public void Recurrent_networks()
    {
        const string Operands = "float32[sequence, batch, 10]; float32[2, 96, 10]; float32[2, 96, 24]";
        RuleCheck.Infer("LSTM", Operands, outputs: 3)
            .Should().Be("float32[sequence, 2, batch, 24]; float32[2, batch, 24]; float32[2, batch, 24]");
        RuleCheck.Infer("com.microsoft::LSTMTraining", Operands, outputs: 5).Should().Be(
            "float32[sequence, 2, batch, 24]; float32[2, batch, 24]; float32[2, batch, 24]; "
            + "float32[sequence, 2, batch, 24]; float32[sequence, 2, batch, 96]");
        RuleCheck.Infer(
            "com.microsoft::GRUTraining", "float32[s, batch, 10]; float32[1, 72, 10]; float32[1, 72, 24]", outputs: 3)
            .Should().Be("float32[s, 1, batch, 24]; float32[1, batch, 24]; float32[s, 1, batch, 72]");
    }
}
