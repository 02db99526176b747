using FluentAssertions;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Interop;

/// <summary>
/// Errors reach the caller as ONNX Runtime's exception, name operator, node and attribute, and say what would be right.
/// </summary>
[Collection(SessionCollection.Name)]
public sealed class OperatorErrorTests
{
    [Theory]
    [InlineData(PackAttributes.Levels, 5L, "*2, 3, 4, 8, 16 or 256*")]
    [InlineData(PackAttributes.Levels, "four", "*'levels' must be an integer*")]
    [InlineData(PackAttributes.GroupSize, 0L, "*group size*")]
    [InlineData(PackAttributes.GroupSize, 1L << 40, "*group_size*")]
    [InlineData(PackAttributes.Rounding, "nearest", "*rounding*dither*stochastic*")]
    [InlineData(PackAttributes.Metadata, "none", "*metadata*bfloat16*eight_bits*")]
    [InlineData(PackAttributes.Layout, 1L, "*'layout' must be a text*")]
    [InlineData(PackAttributes.Seed, 0.5f, "*'seed' must be an integer*")]
    public void A_bad_attribute_is_refused_when_the_session_opens(string attribute, object value, string message)
    {
        var model = OperatorGraph.PackUnpack(DataType.Float, attributes => Set(attributes, attribute, value));
        var open = () => new OperatorSession(model);
        open.Should().Throw<OnnxRuntimeException>().WithMessage($"*QuantizePack '{OperatorGraph.PackName}': {message}");
    }

    [Fact]
    public void A_zero_exact_code_of_two_levels_is_refused()
    {
        var open = () => new OperatorSession(OperatorGraph.PackUnpack(DataType.Float, attributes =>
        {
            attributes.Set(PackAttributes.Levels, 2);
            attributes.Set(PackAttributes.ZeroExact, 1);
        }));
        open.Should().Throw<OnnxRuntimeException>().WithMessage("*QuantizePack*three levels*");
    }

    [Fact]
    public void A_bad_output_of_the_unpack_is_refused()
    {
        var open = () => new OperatorSession(OperatorGraph.PackUnpack(
            DataType.Float, unpack: attributes => attributes.Set(PackAttributes.Output, "sign")));
        open.Should().Throw<OnnxRuntimeException>()
            .WithMessage($"*UnpackDequant '{OperatorGraph.UnpackName}': *output*value*nonzero*");
    }

    [Fact]
    public void A_group_axis_that_the_tensor_has_not_fails_the_run_and_the_session_goes_on()
    {
        using var session = new OperatorSession(
            OperatorGraph.PackUnpack(DataType.Float, attributes => attributes.Set(PackAttributes.GroupAxis, 3)));
        var run = () => session.Run(("x", OperatorSession.Tensor([1f, 2f], 2)));
        run.Should().Throw<OnnxRuntimeException>()
            .WithMessage($"*QuantizePack '{OperatorGraph.PackName}': *axis*rank 1*");
        session.Run(("x", OperatorSession.Tensor(Sample.X, Sample.Dimensions))).Dispose();
    }

    [Fact]
    public void A_shape_input_that_is_no_shape_tensor_fails_the_run()
    {
        using var session = new OperatorSession(OperatorGraph.Unpack(DataType.Float));
        var run = () => session.Run(
            ("packed", OperatorSession.Tensor(Sample.Packed, Sample.Packed.Length)),
            ("shape", OperatorSession.Tensor(new byte[6], 2, 3)),
            ("trigger", OperatorSession.Tensor([0f], 1)));
        run.Should().Throw<OnnxRuntimeException>().WithMessage("*UnpackDequant*[2, 3]*do not end in 0*'shape' output*");
    }

    [Fact]
    public void A_trigger_of_another_type_than_the_packed_tensor_fails_the_run()
    {
        using var session = new OperatorSession(OperatorGraph.Unpack(DataType.Double));
        var run = () => session.Run(
            ("packed", OperatorSession.Tensor(Sample.Packed, Sample.Packed.Length)),
            ("shape", OperatorSession.Tensor(Array.Empty<byte>(), [.. Sample.Dimensions, 0])),
            ("trigger", OperatorSession.Tensor([0.0], 1)));
        run.Should().Throw<OnnxRuntimeException>().WithMessage("*UnpackDequant*Float32*Float64*");
    }

    private static void Set(AttributeList attributes, string name, object value)
    {
        if (value is long number) attributes.Set(name, number);
        else if (value is float fraction) attributes.Set(name, new AttributeValue.Float(fraction));
        else attributes.Set(name, (string)value);
    }
}
