using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Tests.Cpu;
using OnnxActNN.CustomOps.Tests.Cpu.Derivatives;
using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;
using OnnxActNN.GpuCheck;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cuda;

/// <summary>
/// Gradients and sums that are written over an input, which ONNX Runtime may ask for, are the same bits on the device
/// too.
/// </summary>
public sealed unsafe class CudaInPlaceTests
{
    private const int Count = 1003;

    public CudaInPlaceTests() => EmulatedCuda.Require();

    public static TheoryData<ElementType> Types => [.. Enum.GetValues<ElementType>()];

    [Theory]
    [MemberData(nameof(Types))]
    public void Gradients_over_dY_are_those_beside_it(ElementType type)
    {
        var dY = TestTensor.ToBytes(TestTensor.Draw(Count, isRelu: false, seed: 5), type);
        var mask = TestMasks.Pack(KernelTier.Scalar, type, dY);
        InPlace(dY, mask, (stream, x, packed) => CudaMasks.KeepOrZero(stream, type, x, Count, packed, mask.Length, x))
            .Should().Equal(TestMasks.KeepOrZero(KernelTier.Scalar, type, dY, mask));
        InPlace(dY, mask, (stream, x, packed) => CudaMasks.Scale(
            stream, type, x, Count, packed, mask.Length, new MaskFactors<float>(3, -2, 0.7f), x))
            .Should().Equal(TestMasks.Scale(KernelTier.Scalar, type, dY, mask, 3, -2, 0.7f));

        var relu = TestTensor.ToBytes(TestTensor.Draw(Count, isRelu: true, seed: 6), type);
        var format = new PackFormat(CodeWidth.TwoBits, zeroExact: true);
        var codes = TestCodec.Pack(KernelTier.Scalar, type, relu, [Count], format, TestCodec.Key);
        InPlace(
            dY, codes,
            (stream, x, packed) => CudaUnpackDequant.ReluGradient(stream, type, x, [Count], packed, codes.Length, x))
            .Should().Equal(TestMasks.FromCodes(KernelTier.Scalar, type, dY, [Count], codes));

        var derivative = new DerivativeFormat(ActivationFunction.Gelu, CodeWidth.TwoBits, RoundingMode.Dither);
        var derivatives = TestDerivatives.Pack(KernelTier.Scalar, type, dY, derivative, TestDerivatives.Key);
        InPlace(
            dY, derivatives,
            (stream, x, packed) => CudaDerivatives.Gradient(stream, type, x, Count, packed, derivatives.Length, x))
            .Should().Equal(TestDerivatives.Gradient(KernelTier.Scalar, type, dY, derivatives));
    }

    [Fact]
    public void A_normalization_s_gradient_over_dY_is_the_one_beside_it()
    {
        var test = new NormalizationCase("2x3x80x80", "row 64");
        var device = EmulatedCuda.Device;
        var numbers = DeviceCall.Run(
            device, [
                .. ((float[][])[test.Statistics.Scale, test.Statistics.Mean, test.Statistics.InverseDeviation])
                .Select(SampleTensor.BytesOf), test.Packed],
            [test.Other.Length * sizeof(float), 12, 12], (given, written) =>
            {
                device.CopyToDevice((byte*)written[0], SampleTensor.BytesOf(test.Other));
                CudaNormalization.Gradient(
                    device.Stream, written[0], new DeviceBytes(given[3], test.Packed.Length), test.Dims, test.Dims[1],
                    new ChannelAddresses(given[0], given[1], given[2]), default, written[0], written[1], written[2]);
            });
        var (dX, dScale, _) = test.Gradient(masked: false, inPlace: true, SerialLoop.Instance);
        numbers[0].Should().Equal(SampleTensor.BytesOf(dX));
        numbers[1].Should().Equal(SampleTensor.BytesOf(dScale));
    }

    private delegate void Launch(CudaStream stream, void* x, byte* packed);

    private static byte[] InPlace(byte[] dY, byte[] packed, Launch launch)
    {
        var device = EmulatedCuda.Device;
        using var gradient = device.Allocate(dY.Length);
        using var codes = device.Allocate(packed.Length);
        gradient.Write(dY);
        codes.Write(packed);
        launch(device.Stream, gradient.Address, codes.Address);
        var result = new byte[dY.Length];
        gradient.Read(result);
        return result;
    }
}
