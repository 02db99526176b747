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

    /// <summary>Bytes 5 to 31 and 48 to 51 say how and by what key values are coded: another value there may be as good.</summary>
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

    [Fact]
    public void Any_bytes_give_a_typed_error_or_values() =>
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Byte, Gen.Int[-2, 2]).Sample(ReadDamaged, iter: 3000);

    private static unsafe void ReadDamaged(int position, byte value, int longer)
    {
        var packed = Pack();
        packed[position % 2 == 0 ? position / 2 % DerivativeLayout.HeaderSize : position / 2 % packed.Length] = value;
        Array.Resize(ref packed, packed.Length + (position % 3 == 0 ? longer : 0));
        using var source = new GuardedBuffer(packed.Length);
        using var dX = new GuardedBuffer(sizeof(float) * Count);
        packed.CopyTo(source.Bytes);
        try
        {
            ActivationGradient.Run(
                KernelTiers.Current, ElementType.Float32, dX.Pointer, Count, source.Pointer, source.Length, dX.Pointer,
                SerialLoop.Instance);
        }
        catch (PackedFormatException)
        {
            // The one error that damage may give.
        }
    }

    private static void AssertRefused(byte[] packed, int count)
    {
        var gradient = () => TestDerivatives.Gradient(KernelTiers.Current, ElementType.Float32, new byte[4 * count], packed);
        gradient.Should().Throw<PackedFormatException>();
    }

    private static byte[] Pack() => TestDerivatives.Pack(
        KernelTiers.Current, ElementType.Float32, new byte[4 * Count],
        new DerivativeFormat(ActivationFunction.Gelu, CodeWidth.TwoBits, RoundingMode.Dither), TestDerivatives.Key);
}
