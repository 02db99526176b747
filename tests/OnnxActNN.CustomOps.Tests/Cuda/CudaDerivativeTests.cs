using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Sums;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Tests.Cpu;
using OnnxActNN.CustomOps.Tests.Cpu.Derivatives;
using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;
using OnnxActNN.GpuCheck;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cuda;

/// <summary>
/// Codes of derivatives, and gradients by them, are on the device what they are on the CPU, in every byte.
/// </summary>
public sealed unsafe class CudaDerivativeTests
{
    public CudaDerivativeTests() => EmulatedCuda.Require();

    public static TheoryData<ActivationFunction, ElementType> Cases =>
    [
        .. from function in Enum.GetValues<ActivationFunction>()
           from type in Enum.GetValues<ElementType>()
           select (function, type),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Codes_and_gradients_are_those_of_the_CPU(ActivationFunction function, ElementType type) =>
        Check(function, type);

    [Fact]
    public void A_group_with_NaN_gives_NaN_and_its_neighbours_do_not()
    {
        var values = TestDerivatives.Inputs(ActivationFunction.Gelu, 3000);
        values[1500] = double.NaN;
        Check(
            ElementType.Float32, values,
            new DerivativeFormat(ActivationFunction.Gelu, CodeWidth.TwoBits, RoundingMode.Dither) { Alpha = 1 });
    }

    [Fact]
    public void A_buffer_that_is_no_derivative_of_so_many_elements_gives_NaN()
    {
        var format = new DerivativeFormat(ActivationFunction.Tanh, CodeWidth.FourBits, RoundingMode.Dither);
        var x = TestTensor.ToBytes(TestDerivatives.Inputs(ActivationFunction.Tanh, 1100), ElementType.Float32);
        var packed = TestDerivatives.Pack(KernelTier.Scalar, ElementType.Float32, x, format, TestDerivatives.Key);
        foreach (var position in new[] { 0, 4, 5, 6, 7, 32, 40, 54, 63 })
        {
            var damaged = (byte[])packed.Clone();
            damaged[position] ^= 0x88;
            TestTensor.FromBytes(Gradient(ElementType.Float32, x, damaged), ElementType.Float32)
                .Should().OnlyContain(number => double.IsNaN(number), "byte {0}", position);
        }
        TestTensor.FromBytes(Gradient(ElementType.Float32, x, packed[..40]), ElementType.Float32).Should()
            .OnlyContain(n => double.IsNaN(n));
    }

    [Fact]
    public void A_pack_refuses_a_stream_that_is_being_captured()
    {
        var device = EmulatedCuda.Device;
        var format = new DerivativeFormat(ActivationFunction.Tanh, CodeWidth.FourBits, RoundingMode.Dither);
        using var buffer = device.Allocate(4000);
        CudaDriverTests.Capture(device, true);
        try
        {
            var pack = () => CudaDerivatives.Pack(
                device.Stream, ElementType.Float32, buffer.Address, 1, DerivativeLayout.Create(format, default, 10),
                buffer.Address);
            pack.Should().Throw<OperatorException>().WithMessage("*CUDA graph*");
        }
        finally
        {
            CudaDriverTests.Capture(device, false);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(5000)]
    public void Sums_are_those_of_the_CPU_beside_and_over_a_summand(int count)
    {
        var a = TestTensor.ToBytes(TestTensor.Draw(count, isRelu: false, seed: 1), ElementType.Float32);
        var b = TestTensor.ToBytes(TestTensor.Draw(count, isRelu: false, seed: 2), ElementType.Float32);
        CheckSum(a, b);
        float[] special =
            [float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0f, 0f, float.MaxValue, 1e-45f, 1];
        var left = special.SelectMany(x => special.Select(_ => (double)x)).ToArray();
        var right = special.SelectMany(_ => special.Select(x => (double)x)).ToArray();
        CheckSum(TestTensor.ToBytes(left, ElementType.Float32), TestTensor.ToBytes(right, ElementType.Float32));
    }

    /// <summary>Compares the device with the CPU.</summary>
    internal static void Check(ActivationFunction function, ElementType type)
    {
        foreach (var width in CodeWidths.All)
        {
            foreach (var rounding in Enum.GetValues<RoundingMode>())
            {
                foreach (var (count, alpha) in ((int, float)[])[(0, 1), (3, 1), (1024, 1.702f), (2077, 1)])
                {
                    var values = count < 2 ? [] : TestDerivatives.Inputs(function, count);
                    Check(type, values, new DerivativeFormat(function, width, rounding) { Alpha = alpha });
                }
            }
        }
    }

    [Theory]
    [InlineData(new long[] { 3, 8, 4, 5 }, new long[] { 3, 12, 4, 5 }, 0)]
    [InlineData(new long[] { 3, 8, 4, 5 }, new long[] { 3, 12, 4, 5 }, 3)]
    [InlineData(new long[] { 2, 3, 5 }, new long[] { 2, 7, 5 }, 4)]
    [InlineData(new long[] { 5, 1, 1 }, new long[] { 5, 3, 1 }, 2)]
    public void Channels_are_added_as_on_the_CPU(long[] a, long[] b, long first)
    {
        CheckSum(Draw(a, 1), Draw(b, 2), SumLayout.Of(a, b, first));

        static byte[] Draw(long[] dimensions, int seed) => TestTensor.ToBytes(
            TestTensor.Draw(TestTensor.CountOf(dimensions), isRelu: false, seed),
            ElementType.Float32);
    }

    /// <inheritdoc cref="Check(ActivationFunction, ElementType)"/>
    internal static void CheckSum(byte[] a, byte[] b) => CheckSum(a, b, SumLayout.Whole(a.Length / sizeof(float)));

    private static void CheckSum(byte[] a, byte[] b, SumLayout layout)
    {
        var device = EmulatedCuda.Device;
        var expected = new byte[a.Length];
        fixed (byte* left = a, right = b, sum = expected)
            Addition.Run((float*)left, (float*)right, (float*)sum, layout, SerialLoop.Instance);
        foreach (var overwrites in (bool[])[false, true])
        {
            DeviceCall.Run(device, [a, b], [a.Length], (given, written) =>
            {
                var target = overwrites ? given[0] : written[0];
                CudaSums.Add(device.Stream, (void*)given[0], (void*)given[1], (void*)target, layout);
                if (overwrites) device.Stream.Copy((void*)written[0], (void*)given[0], a.Length);
            })[0].Should().Equal(expected);
        }
    }

    private static void Check(ElementType type, double[] values, DerivativeFormat format)
    {
        var x = TestTensor.ToBytes(values, type);
        var packed = TestDerivatives.Pack(KernelTier.Scalar, type, x, format, TestDerivatives.Key);
        Pack(type, x, format).Should().Equal(packed);
        var dY = TestTensor.ToBytes(TestTensor.Draw(values.Length, isRelu: false, seed: 8), type);
        Gradient(type, dY, packed).Should().Equal(TestDerivatives.Gradient(KernelTier.Scalar, type, dY, packed));
    }

    private static byte[] Pack(ElementType type, byte[] x, DerivativeFormat format)
    {
        var device = EmulatedCuda.Device;
        var layout = DerivativeLayout.Create(format, TestDerivatives.Key, x.Length / ElementTypes.SizeOf(type));
        return DeviceCall.Run(device, [x], [layout.TotalBytes], (given, written) =>
            CudaDerivatives.Pack(device.Stream, type, (void*)given[0], format.Alpha, layout, (byte*)written[0]))[0];
    }

    private static byte[] Gradient(ElementType type, byte[] dY, byte[] packed)
    {
        var device = EmulatedCuda.Device;
        return DeviceCall.Run(device, [dY, packed], [dY.Length], (given, written) => CudaDerivatives.Gradient(
            device.Stream, type, (void*)given[0], dY.Length / ElementTypes.SizeOf(type), (byte*)given[1], packed.Length,
            (void*)written[0]))[0];
    }
}
