using CsCheck;
using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Derivatives;
using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu.Derivatives;

/// <summary>A damaged derivative, or one of another tensor, gives a typed error; damaged codes give values.</summary>
public sealed class DamagedDerivativeTests
{
    private const int Count = 1501;

    /// <summary>
    /// Bytes 5 to 31 and 48 to 51 say how and by what key values are coded: another value there may be as good.
    /// </summary>
    private static bool MayDiffer(int position) => position is (>= 5 and < 32) or (>= 48 and < 52);

    [Fact]
    public void A_change_of_the_header_is_refused()
    {
        for (var position = 0; position < DerivativeLayout.HeaderSize; position++)
        {
            if (MayDiffer(position)) continue;
            for (var bit = 0; bit < 8; bit++)
            {
                var packed = Pack();
                packed[position] ^= (byte)(1 << bit);
                AssertRefused(packed, Count);
            }
        }
    }

    [Theory]
    [InlineData(5, 0)] // No activation.
    [InlineData(5, 200)]
    [InlineData(6, 5)] // No code width.
    [InlineData(6, 4)] // Another one, so that the bytes are too few.
    [InlineData(7, 2)] // No rounding mode.
    public void A_format_that_the_bytes_are_not_of_is_refused(int position, byte value)
    {
        var packed = Pack();
        packed[position] = value;
        AssertRefused(packed, Count);
    }

    [Fact]
    public void Another_length_is_refused()
    {
        AssertRefused(Pack()[..^1], Count);
        AssertRefused([.. Pack(), 0], Count);
        AssertRefused([], Count);
        AssertRefused(Pack()[..8], Count);
        AssertRefused(Pack(), Count - 1);
        AssertRefused(Pack(), Count + 1);
    }

    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float64)]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    public void Any_bytes_give_a_typed_error_or_values(ElementType type)
    {
        var tiers = Enum.GetValues<KernelTier>().Where(KernelTiers.IsSupported).ToArray();
        var functions = Enum.GetValues<ActivationFunction>();
        var (read, refused) = (0, 0);
        Gen.Select(
            Gen.Int[0, tiers.Length - 1], Gen.Int[0, functions.Length - 1], Gen.Int[0, CodeWidths.All.Count - 1],
            Damage.Any).Sample(
            (tier, function, width, damage) =>
            {
                var format = new DerivativeFormat(functions[function], CodeWidths.All[width], RoundingMode.Dither);
                var packed = TestDerivatives.Pack(
                    tiers[tier], type, new byte[ElementTypes.SizeOf(type) * Count], format, TestDerivatives.Key);
                using var damaged = new DamagedTensor(tiers[tier], damage.Of(packed), [], damage.Seed);
                _ = IsRead(damaged, type) ? read++ : refused++;
            },
            iter: 2000, threads: 1);
        read.Should().BeGreaterThan(100);
        refused.Should().BeGreaterThan(100);
    }

    /// <summary>In place, as ONNX Runtime may give it, and of another number of elements now and then.</summary>
    private static unsafe bool IsRead(DamagedTensor damaged, ElementType type)
    {
        var count = damaged.OneOf(Count, Count, Count, Count - 1, Count + 1, 0);
        var gradient = damaged.Room(count * ElementTypes.SizeOf(type));
        try
        {
            ActivationGradient.Run(
                damaged.Tier, type, gradient, count, damaged.Packed, damaged.PackedBytes, gradient,
                SerialLoop.Instance);
            return true;
        }
        catch (PackedFormatException)
        {
            return false;
        }
    }

    private static void AssertRefused(byte[] packed, int count)
    {
        var gradient = () =>
            TestDerivatives.Gradient(KernelTiers.Current, ElementType.Float32, new byte[4 * count], packed);
        gradient.Should().Throw<PackedFormatException>();
    }

    private static byte[] Pack() => TestDerivatives.Pack(
        KernelTiers.Current, ElementType.Float32, new byte[4 * Count],
        new DerivativeFormat(ActivationFunction.Gelu, CodeWidth.TwoBits, RoundingMode.Dither), TestDerivatives.Key);
}
