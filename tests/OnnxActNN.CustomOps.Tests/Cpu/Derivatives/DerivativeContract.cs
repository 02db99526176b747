using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Derivatives;
using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu.Derivatives;

/// <summary>What the kernels of every tier must do with derivatives; bound to each by a class of its own.</summary>
public abstract class DerivativeContract
{
    private static readonly int[] s_lengths =
        [.. Enumerable.Range(0, 70), 127, 128, 129, 257, 1000, 1023, 1024, 1025, 1026, 2047, 2048, 2049, 3000];

    private static readonly double[] s_specials =
        [double.PositiveInfinity, double.NegativeInfinity, -0.0, 0.0, 1e-45, -1e-45, 6e-8, 1, -1, 65504, -65504];

    private readonly KernelTier _tier;

    private protected DerivativeContract(KernelTier tier)
    {
        Assert.SkipUnless(KernelTiers.IsSupported(tier), $"This process cannot use {tier}.");
        _tier = tier;
    }

    public static TheoryData<ElementType> Types => [.. Enum.GetValues<ElementType>()];

    [Theory]
    [MemberData(nameof(Types))]
    public void Bytes_and_gradients_are_the_references(ElementType type)
    {
        foreach (var format in Formats())
        {
            foreach (var length in s_lengths)
            {
                var (x, dY) = (Draw(type, length), Draw(type, length, seed: 9));
                var packed = TestDerivatives.Pack(_tier, type, x, format, TestDerivatives.Key);
                packed.Should().Equal(TestDerivatives.Pack(KernelTier.Scalar, type, x, format, TestDerivatives.Key));
                TestDerivatives.Gradient(_tier, type, dY, packed).Should()
                    .Equal(TestDerivatives.Gradient(KernelTier.Scalar, type, dY, packed), "{0}, {1}", format, length);
            }
        }
    }

    [Fact]
    public void Decoded_derivatives_are_the_codes_by_the_documented_formula()
    {
        const int count = 2500;
        foreach (var format in Formats())
        {
            var x = TestDerivatives.Inputs(format.Function, count);
            var packed = TestDerivatives.Pack(
                _tier, ElementType.Float32, TestTensor.ToBytes(x, ElementType.Float32), format, TestDerivatives.Key);
            var decoded = TestDerivatives.RoundTrip(_tier, x, format, TestDerivatives.Key);
            for (var i = 0; i < count; i++)
            {
                var (expected, code) = ByFormula(packed, i, count);
                code.Should().BeLessThan((uint)CodeWidths.Levels(format.Width));
                decoded[i].Should().BeApproximately(expected, 1e-6, "element {0} of {1}", i, format);
                Math.Abs(decoded[i] - TestDerivatives.Exact(format.Function, x[i] * format.Alpha)).Should()
                    .BeLessThan((format.Rounding == RoundingMode.Dither ? 0.5 : 1) * format.Step + 2e-5);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_gradient_is_the_product_rounded_once(ElementType type)
    {
        const int count = 1500;
        var format = new DerivativeFormat(ActivationFunction.Gelu, CodeWidth.TwoBits, RoundingMode.Dither);
        var packed = TestDerivatives.Pack(_tier, type, Draw(type, count), format, TestDerivatives.Key);
        var dY = Draw(type, count, seed: 9);
        var factors = TestDerivatives.Gradient(
            _tier, ElementType.Float32, TestTensor.ToBytes([.. Enumerable.Repeat(1.0, count)], ElementType.Float32),
            packed);
        var (gradient, factor) = (TestTensor.FromBytes(dY, type), TestTensor.FromBytes(factors, ElementType.Float32));
        var products = gradient.Zip(
            factor, (left, right) => type == ElementType.Float64 ? left * right : (float)left * (float)right);
        var actual = TestTensor.FromBytes(TestDerivatives.Gradient(_tier, type, dY, packed), type);
        actual.Should().Equal(products.Select(product => Round(product, type)));
    }

    [Fact]
    public void A_group_with_NaN_decodes_to_NaN_and_no_other()
    {
        const int count = 3 * DerivativeLayout.GroupElements;
        foreach (var position in new[] { 1024, 1025, 1027, 2046, 2047 })
        {
            var x = TestDerivatives.Inputs(ActivationFunction.Gelu, count);
            x[position] = double.NaN;
            var format = new DerivativeFormat(ActivationFunction.Gelu, CodeWidth.TwoBits, RoundingMode.Dither);
            var decoded = TestDerivatives.RoundTrip(_tier, x, format, TestDerivatives.Key);
            for (var i = 0; i < count; i++) double.IsNaN(decoded[i]).Should().Be(i is >= 1024 and < 2048);
        }
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bits()
    {
        var x = Draw(ElementType.Float32, 11 * DerivativeLayout.GroupElements + 77);
        var format = new DerivativeFormat(ActivationFunction.FastGelu, CodeWidth.TwoBits, RoundingMode.Dither);
        var packed = TestDerivatives.Pack(_tier, ElementType.Float32, x, format, TestDerivatives.Key);
        foreach (var threads in new[] { 2, 3, 7 })
        {
            TestDerivatives.Pack(
                _tier, ElementType.Float32, x, format, TestDerivatives.Key, loop: new ThreadedLoop(threads))
                .Should().Equal(packed);
            TestDerivatives.Gradient(_tier, ElementType.Float32, x, packed, new ThreadedLoop(threads)).Should()
                .Equal(TestDerivatives.Gradient(_tier, ElementType.Float32, x, packed));
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public unsafe void No_byte_outside_the_buffers_is_touched_and_a_gradient_may_be_in_place(ElementType type)
    {
        foreach (var format in Formats())
        {
            foreach (var length in new[] { 1, 2, 3, 5, 9, 17, 63, 65, 1000, 1025 })
            {
                var bytes = Draw(type, length);
                var layout = DerivativeLayout.Create(format, TestDerivatives.Key, length);
                var isAgainstUpperGuard = length % 3 != 0;
                using var x = new GuardedBuffer(bytes.Length, isAgainstUpperGuard);
                using var packed = new GuardedBuffer((int)layout.TotalBytes, isAgainstUpperGuard);
                bytes.CopyTo(x.Bytes);
                DerivativePack.Run(_tier, type, x.Pointer, layout, packed.Pointer, SerialLoop.Instance);
                x.Bytes.SequenceEqual(bytes).Should().BeTrue("the input is only read");
                ActivationGradient.Run(
                    _tier, type, x.Pointer, length, packed.Pointer, packed.Length, x.Pointer, SerialLoop.Instance);
                x.Bytes.ToArray().Should().Equal(TestDerivatives.Gradient(_tier, type, bytes, packed.Bytes.ToArray()));
            }
        }
    }

    private static IEnumerable<DerivativeFormat> Formats() =>
        from row in ActivationDerivative.All
        from width in CodeWidths.All
        select new DerivativeFormat(
            row.Function, width, width == CodeWidth.ThreeBits ? RoundingMode.Stochastic : RoundingMode.Dither)
        {
            Alpha = row.Function == ActivationFunction.QuickGelu ? 1.702f : 1,
        };

    /// <summary>Value and code of an element, read off the bytes by the text of docs/operators-format.md.</summary>
    private static (double Value, uint Code) ByFormula(byte[] packed, int element, int count)
    {
        var layout = DerivativeLayout.Read(packed, packed.Length, count);
        var group = layout.Group(element / DerivativeLayout.GroupElements);
        var format = layout.Format;
        var (slots, m) = (CodeWidths.SlotsPerColumn(format.Width), CodeWidths.FractionBits(format.Width));
        var columns = CodeWidths.Columns(format.Width, group.Length);
        var inGroup = (int)(element - group.Start);
        var (pair, column) = Math.DivRem(inGroup / 2, columns);
        var slot = (int)(2 * pair + inGroup % 2);
        uint value = 0;
        for (var at = 0; at < CodeWidths.ColumnBytes(format.Width); at++)
        {
            var offset = column + at * columns;
            if (offset < CodeWidths.CodeBytes(format.Width, group.Length))
                value |= (uint)packed[group.CodeOffset + offset] << (8 * at);
        }
        var code = CodeWidths.CodeAt(format.Width, value, slot);
        var groupKey = CounterRandom.GroupKey(CounterRandom.TensorKey(layout.Key), group.Start);
        var random = CounterRandom.Bits16(groupKey, slot, column, slots) & ((1u << m) - 1);
        var dither = format.Rounding == RoundingMode.Dither ? (random + 0.5) / (1 << m) - 0.5 : 0;
        return ((code - dither) * format.Step + format.Minimum, code);
    }

    private static byte[] Draw(ElementType type, int count, int seed = 1)
    {
        var values = TestTensor.Draw(count, isRelu: false, seed + count).Select(value => 3 * value).ToArray();
        for (var i = 3; i < count; i += 5) values[i] = s_specials[(i / 5) % s_specials.Length];
        return TestTensor.ToBytes(values, type);
    }

    private static double Round(double value, ElementType type) => type switch
    {
        ElementType.Float16 => (double)(Half)(float)value,
        ElementType.BFloat16 => RoundToBFloat16((float)value),
        _ => value,
    };

    private static double RoundToBFloat16(float value)
    {
        if (float.IsNaN(value)) return double.NaN;
        var bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000);
    }
}
