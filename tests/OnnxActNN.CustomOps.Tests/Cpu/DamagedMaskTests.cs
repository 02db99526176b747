using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>A damaged mask, or one of another tensor, gives a typed error.</summary>
public sealed class DamagedMaskTests
{
    private const int Count = 1001;

    [Fact]
    public void Every_change_of_the_header_is_refused()
    {
        for (var position = 0; position < MaskFormat.HeaderSize; position++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var packed = Pack();
                packed[position] ^= (byte)(1 << bit);
                AssertRefused(packed, Count);
            }
        }
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
    public void A_QuantizePack_is_no_mask_and_a_mask_no_QuantizePack()
    {
        var codes = TestCodec.Pack(
            KernelTiers.Current, ElementType.Float32, new byte[4 * Count], [Count],
            new PackFormat(CodeWidth.TwoBits, true), TestCodec.Key);
        AssertRefused(codes, Count);
        var read = () => TestMasks.FromCodes(
            KernelTiers.Current, ElementType.Float32, new byte[4 * Count], [Count], Pack());
        read.Should().Throw<PackedFormatException>();
    }

    [Fact]
    public void Codes_that_are_not_zero_exact_are_no_mask()
    {
        var codes = TestCodec.Pack(
            KernelTiers.Current, ElementType.Float32, new byte[4 * Count], [Count],
            new PackFormat(CodeWidth.TwoBits, false), TestCodec.Key);
        var read = () => TestMasks.FromCodes(
            KernelTiers.Current, ElementType.Float32, new byte[4 * Count], [Count], codes);
        read.Should().Throw<PackedFormatException>();
    }

    private static void AssertRefused(byte[] packed, int count)
    {
        var gradient = () =>
            TestMasks.KeepOrZero(KernelTiers.Current, ElementType.Float32, new byte[4 * count], packed);
        var bools = () => TestMasks.Unpack(KernelTiers.Current, packed, count);
        gradient.Should().Throw<PackedFormatException>();
        bools.Should().Throw<PackedFormatException>();
    }

    private static byte[] Pack() => TestMasks.Pack(KernelTiers.Current, ElementType.Float32, new byte[4 * Count]);
}
