using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>What the mask kernels of every tier and of CUDA must do; bound to each by a class of its own.</summary>
public abstract class MaskContract
{
    private const int LongestSwept = 257;

    private static readonly double[] s_specials =
    [
        double.NaN, -double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, 0.0, 1e-45, -1e-45, 6e-8,
        -6e-8, 6, -1, 5.99, 6.1,
    ];

    private readonly KernelBinding _kernels;

    private protected MaskContract(KernelTier tier)
    {
        Assert.SkipUnless(KernelTiers.IsSupported(tier), $"This process cannot use {tier}.");
        _kernels = tier;
    }

    private protected MaskContract(KernelBinding kernels) => _kernels = kernels;

    public static TheoryData<ElementType> Types => [.. Enum.GetValues<ElementType>()];

    [Theory]
    [MemberData(nameof(Types))]
    public void Bits_are_the_comparison_of_every_element(ElementType type)
    {
        for (var length = 0; length <= LongestSwept; length++)
        {
            var x = Draw(type, length);
            var values = TestTensor.FromBytes(x, type);
            BitsOf(TestMasks.Pack(_kernels, type, x), length).Should().Equal(values.Select(value => value > 0));
            BitsOf(TestMasks.Pack(_kernels, type, x, MaskTest.Nonzero), length).Should()
                .Equal(values.Select(value => value != 0));
            foreach (var (min,
                max) in new[] { (0f, 6f), (-1f, 0f), (-0f, float.PositiveInfinity), (-1f, -0.5f), (float.NaN, 6f) })
            {
                BitsOf(TestMasks.Pack(_kernels, type, x, MaskTest.Inside, min, max), length).Should()
                    .Equal(values.Select(value => value >= min && value <= max), "{0} to {1}", min, max);
            }
        }
    }

    [Fact]
    public void Bits_of_a_bool_tensor_are_its_elements()
    {
        for (var length = 0; length <= LongestSwept; length++)
        {
            var x = new byte[length];
            new Random(length).NextBytes(x);
            for (var i = 0; i < length; i++) x[i] &= 1;
            var packed = TestMasks.PackBool(_kernels, x);
            BitsOf(packed, length).Should().Equal(x.Select(element => element != 0));
            TestMasks.Unpack(_kernels, packed, length).Should().Equal(x);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Gradients_are_the_formula_of_every_element(ElementType type)
    {
        for (var length = 0; length <= LongestSwept; length++)
        {
            var (x, dY) = (Draw(type, length), Draw(type, length, seed: 9));
            var packed = TestMasks.Pack(_kernels, type, x);
            var (isPositive, gradient) = (BitsOf(packed, length), TestTensor.FromBytes(dY, type));
            var kept = gradient.Select((value, i) => isPositive[i] ? value : 0).ToArray();
            TestMasks.KeepOrZero(_kernels, type, dY, packed).Should().Equal(TestTensor.ToBytes(kept, type));

            foreach (var (scale, alpha, divisor) in new[] { (1f, -0.1f, 1f), (1f, 0f, 1 - 0.3f) })
            {
                var scaled = gradient.Select((value, i) => value * (isPositive[i] ? scale : alpha) / divisor).ToArray();
                var actual = TestMasks.Scale(_kernels, type, dY, packed, scale, alpha, divisor);
                AssertRounded(TestTensor.FromBytes(actual, type), scaled, type);
                actual.Should().Equal(TestMasks.Scale(KernelTier.Scalar, type, dY, packed, scale, alpha, divisor));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Gradients_from_codes_are_those_from_the_mask(ElementType type)
    {
        foreach (var length in new[] { 1, 15, 16, 17, 100, 257, 5000 })
        {
            var x = TestTensor.ToBytes(TestTensor.Draw(3 * length, isRelu: true, seed: length), type);
            var dY = Draw(type, 3 * length);
            var expected = TestMasks.KeepOrZero(_kernels, type, dY, TestMasks.Pack(_kernels, type, x));
            foreach (var width in CodeWidths.All.Where(width => width != CodeWidth.OneBit))
            {
                var format = new PackFormat(width, zeroExact: true) { GroupSize = 100 };
                var packed = TestCodec.Pack(_kernels, type, x, [3, length], format, TestCodec.Key);
                TestMasks.FromCodes(_kernels, type, dY, [3, length], packed).Should()
                    .Equal(expected, "{0}, {1}", width, length);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public unsafe void Gradients_may_take_over_the_buffer_of_the_gradient_that_goes_in(ElementType type)
    {
        const int count = 5003;
        var x = TestTensor.ToBytes(TestTensor.Draw(count, isRelu: true, seed: 2), type);
        var (mask, dY) = (TestMasks.Pack(_kernels, type, x), Draw(type, count));
        var codes = TestCodec.Pack(
            _kernels, type, x, [count], new PackFormat(CodeWidth.TwoBits, zeroExact: true), TestCodec.Key);
        var expected = TestMasks.KeepOrZero(_kernels, type, dY, mask);
        var scaled = TestMasks.Scale(_kernels, type, dY, mask, 2, 0.5f);
        var (first, second, third) = (dY.ToArray(), dY.ToArray(), dY.ToArray());
        fixed (byte* bits = mask, packed = codes, one = first, two = second, three = third)
        {
            _kernels.KeepOrZero(type, one, count, bits, mask.Length, one, SerialLoop.Instance);
            _kernels.Scale(type, two, count, bits, mask.Length, new MaskFactors<float>(2, 0.5f, 1), two);
            _kernels.ReluGradientFromCodes(type, three, [count], packed, codes.Length, three);
        }
        first.Should().Equal(expected);
        second.Should().Equal(scaled);
        third.Should().Equal(expected);
    }

    [Fact]
    public void A_group_that_is_not_finite_makes_its_gradient_from_codes_NaN()
    {
        var values = TestTensor.Draw(300, isRelu: true, seed: 1);
        values[150] = double.NaN;
        var format = new PackFormat(CodeWidth.TwoBits, zeroExact: true) { GroupSize = 100 };
        var type = ElementType.Float32;
        var packed = TestCodec.Pack(_kernels, type, TestTensor.ToBytes(values, type), [300], format, TestCodec.Key);
        var dX = TestTensor.FromBytes(
            TestMasks.FromCodes(_kernels, type, Draw(type, 300, withSpecials: false), [300], packed), type);
        for (var i = 0; i < dX.Length; i++) double.IsNaN(dX[i]).Should().Be(i is >= 100 and < 200);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Any_number_of_threads_gives_the_same_bits(ElementType type)
    {
        var x = Draw(type, 5 * MaskPack.BlockElements + 77);
        var packed = TestMasks.Pack(_kernels, type, x);
        foreach (var threads in new[] { 2, 3, 7 })
        {
            TestMasks.Pack(_kernels, type, x, loop: new ThreadedLoop(threads)).Should().Equal(packed);
            TestMasks.KeepOrZero(_kernels, type, x, packed, new ThreadedLoop(threads)).Should()
                .Equal(TestMasks.KeepOrZero(_kernels, type, x, packed));
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public unsafe void No_byte_outside_the_buffers_is_touched(ElementType type)
    {
        foreach (var length in new[] { 1, 7, 8, 9, 63, 64, 65, 127, 129, 1000 })
        {
            foreach (var againstUpperGuard in new[] { false, true })
            {
                var bytes = Draw(type, length);
                using var x = new GuardedBuffer(bytes.Length, againstUpperGuard);
                using var packed = new GuardedBuffer((int)MaskFormat.BytesOf(length), againstUpperGuard);
                using var dX = new GuardedBuffer(bytes.Length, againstUpperGuard);
                using var bools = new GuardedBuffer(length, againstUpperGuard);
                bytes.CopyTo(x.Bytes);
                var range = KeyRange.Of(type, MaskTest.Positive, 0, 0);
                _kernels.PackMask(type, x.Pointer, length, range, packed.Pointer, SerialLoop.Instance);
                _kernels.KeepOrZero(
                    type, x.Pointer, length, packed.Pointer, packed.Length, dX.Pointer, SerialLoop.Instance);
                _kernels.Scale(
                    type, x.Pointer, length, packed.Pointer, packed.Length, new MaskFactors<float>(2, 3, 1),
                    dX.Pointer);
                _kernels.UnpackMask(packed.Pointer, packed.Length, bools.Pointer, length);
                x.Bytes.SequenceEqual(bytes).Should().BeTrue("the input is only read");
            }
        }
    }

    /// <summary>Values with every special one, so that 257 elements have each in some lane.</summary>
    private static byte[] Draw(ElementType type, int count, int seed = 1, bool withSpecials = true)
    {
        var values = TestTensor.Draw(count, isRelu: false, seed + count);
        for (var i = 3; withSpecials && i < count; i += 5) values[i] = s_specials[(i / 5) % s_specials.Length];
        return TestTensor.ToBytes(values, type);
    }

    private static bool[] BitsOf(byte[] packed, int count)
    {
        var bits = packed[MaskFormat.HeaderSize..];
        if (count % 8 != 0) (bits[^1] >> count % 8).Should().Be(0, "bits behind the last element are 0");
        return [.. Enumerable.Range(0, count).Select(i => ((bits[i / 8] >> i % 8) & 1) != 0)];
    }

    /// <summary>
    /// Half a unit in the last place of the type for each of the two operations, or the smallest subnormal number.
    /// </summary>
    private static void AssertRounded(double[] actual, double[] expected, ElementType type)
    {
        var (relative, smallest) = type switch
        {
            ElementType.Float64 => (0, 0.0),
            ElementType.Float32 => (1.0 / (1 << 24), 1.4e-45),
            ElementType.Float16 => (1.0 / (1 << 11), 6e-8),
            _ => (1.0 / (1 << 8), 1e-40),
        };
        for (var i = 0; i < actual.Length; i++)
        {
            if (!double.IsFinite(expected[i])) actual[i].Should().Be(expected[i]);
            else Math.Abs(actual[i] - expected[i]).Should()
                .BeLessThanOrEqualTo(2 * Math.Abs(expected[i]) * relative + smallest);
        }
    }
}
