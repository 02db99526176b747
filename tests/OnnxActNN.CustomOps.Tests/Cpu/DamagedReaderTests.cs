using CsCheck;
using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>
/// Gradient operators that read packed bytes themselves: damage and shapes of other tensors give a typed error or some values.
/// Every buffer lies between pages that must not be touched.
/// </summary>
public sealed unsafe class DamagedReaderTests
{
    private const int Count = 5 * 3 * 14;
    private const int Channels = 3;

    private static readonly long[] s_dims = [5, Channels, 14];

    private static readonly PackFormat[] s_formats =
    [
        new(CodeWidth.TwoBits, zeroExact: true), new(CodeWidth.TwoBits, zeroExact: false) { GroupSize = 16, GroupAxis = 2 },
        new(CodeWidth.ThreeLevels, zeroExact: true) { Metadata = MetadataFormat.EightBits, GroupAxis = 2 },
        new(CodeWidth.FourBits, zeroExact: false) { Layout = GroupLayout.Flat }, new(CodeWidth.EightBits, zeroExact: false),
        new(CodeWidth.ThreeLevels, zeroExact: true) { GroupSize = 16, GroupAxis = 2, Shares = new WidthShares(200, 100, 30) },
        new(CodeWidth.OneBit, zeroExact: false) { Metadata = MetadataFormat.EightBits, GroupAxis = 2, Shares = new WidthShares(200, 100, 30) },
    ];

    /// <summary>What the shape carrier may claim: the truth, other factors of it, and what overflows.</summary>
    private static readonly long[][] s_shapes =
    [
        s_dims, [5, 14, 3], [Count], [1, Count], [5, 3, 7, 2], [5, 3, 15], [0, 3, 14], [], [5, 3, long.MaxValue], [1L << 31, 1L << 31, 1L << 31],
    ];

    private static readonly Gen<Damage> s_damages = Gen.Select(
        Gen.Int[0, s_formats.Length - 1], Gen.Int[0, 3 * s_shapes.Length], Gen.Select(Gen.Int[0, int.MaxValue], Gen.Byte).Array[0, 3],
        Gen.Int[-5, 5], (format, shape, bytes, longer) =>
            new Damage(s_formats[format], shape < s_shapes.Length ? s_shapes[shape] : s_dims, bytes, longer > 3 ? longer - 3 : Math.Min(0, longer + 3)));

    [Fact]
    public void Masks_read_from_codes() => Check(Codes, (packed, length, dims, dY, dX, _) =>
    {
        RequireSize(dims);
        ReluGradFromCodes.Run(KernelTiers.Current, ElementType.Float32, dY, dims, packed, length, dX, SerialLoop.Instance);
    });

    [Fact]
    public void Batch_normalization_rebuilt() => Check(Codes, (packed, length, dims, _, dX, statistics) =>
    {
        RequireSize(dims);
        BatchNormalizationFromPacked.Run(
            PackedPlanes.OfChannels(KernelTiers.Current, packed, length, dims, Channels), statistics, new float[Channels],
            new MaskBits(null), default, null,
            (float*)dX, SerialLoop.Instance);
    });

    [Fact]
    public void Batch_normalization_s_gradient() => Check(Codes, (packed, length, dims, dY, dX, statistics) =>
    {
        RequireSize(dims);
        var (scale, bias) = (new float[Channels], new float[Channels]);
        fixed (float* dScale = scale, dBias = bias)
        {
            BatchNormalizationGradFromPacked.Run(
                (float*)dY, PackedPlanes.OfChannels(KernelTiers.Current, packed, length, dims, Channels), statistics, new MaskBits(null), (float*)dX,
                dScale, dBias, SerialLoop.Instance);
        }
    });

    [Fact]
    public void Masks_unpacked() => Check(Mask, (packed, length, _, _, dX, _) =>
    {
        KernelBinding kernels = KernelTiers.Current;
        kernels.UnpackMask(packed, length, dX, Count);
    });

    [Fact]
    public void Masks_applied() => Check(Mask, (packed, length, _, dY, dX, _) =>
    {
        KernelBinding kernels = KernelTiers.Current;
        kernels.KeepOrZero(ElementType.Float32, dY, Count, packed, length, dX, SerialLoop.Instance);
    });

    private static void Check(Func<PackFormat, byte[]> pack, Reader read)
    {
        var (passed, refused) = (0, 0);
        s_damages.Sample(
            damage => { _ = IsRead(damage, pack(damage.Format), read) ? passed++ : refused++; }, iter: 3000, threads: 1);
        passed.Should().BePositive();
        refused.Should().BePositive();
    }

    private static bool IsRead(Damage damage, byte[] packed, Reader read)
    {
        foreach (var (position, value) in damage.Bytes) packed[Place(position, packed.Length)] = value;
        Array.Resize(ref packed, Math.Max(0, packed.Length + damage.Longer));
        using var source = new GuardedBuffer(packed.Length);
        using var dY = new GuardedBuffer(Count * sizeof(float));
        using var dX = new GuardedBuffer(Count * sizeof(float));
        packed.CopyTo(source.Bytes);
        var statistics = new ChannelStatistics(new float[Channels], new float[Channels], new float[Channels]);
        try
        {
            read(source.Pointer, source.Length, damage.Dims, dY.Pointer, dX.Pointer, statistics);
            return true;
        }
        catch (Exception problem) when (problem is PackedFormatException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Half of the damage goes to the header.</summary>
    private static int Place(int position, int length) =>
        position % 2 == 0 ? position / 2 % PackedHeader.Size % length : position / 2 % length;

    /// <summary>The operators make dX of the shape's size; a shape of another size than dY never reaches a kernel.</summary>
    private static void RequireSize(long[] dims)
    {
        if (dims.Aggregate((UInt128)1, (product, size) => product * (UInt128)size) != Count) throw new ArgumentException("Another size.");
    }

    private static byte[] Codes(PackFormat format) => TestCodec.Pack(
        KernelTiers.Current, ElementType.Float32,
        TestTensor.ToBytes(TestTensor.Draw(Count, format.ZeroExact, seed: 3), ElementType.Float32), s_dims, format, TestCodec.Key);

    private static byte[] Mask(PackFormat format) => TestMasks.Pack(
        KernelTiers.Current, ElementType.Float32,
        TestTensor.ToBytes(TestTensor.Draw(Count, format.ZeroExact, seed: 3), ElementType.Float32));

    private delegate void Reader(byte* packed, long length, long[] dims, byte* dY, byte* dX, ChannelStatistics statistics);

    private sealed record Damage(PackFormat Format, long[] Dims, (int Position, byte Value)[] Bytes, int Longer);
}
