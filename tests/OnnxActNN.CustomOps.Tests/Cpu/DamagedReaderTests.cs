using CsCheck;
using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Losses;
using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>
/// Operators that read packed bytes: damage, and shapes and numbers of other tensors, give a typed error or some
/// values, on every tier. Every buffer lies between pages that must not be touched.
/// </summary>
public sealed unsafe class DamagedReaderTests
{
    private const int Count = 10 * Channels * 28;
    private const int Channels = 3;
    private const int Samples = 3000;

    /// <summary>A label that is to be ignored, and no class.</summary>
    private const long Ignored = -100;

    private static readonly long[] s_dims = [10, Channels, 28];

    private static readonly WidthShares s_shares = new(200, 100, 30);

    /// <summary>Groups have widths of their own: of 60 groups each class has some.</summary>
    private static readonly PackFormat[] s_mixed =
    [
        new(CodeWidth.ThreeLevels, zeroExact: true) { GroupSize = 16, GroupAxis = 2, Shares = s_shares },
        new(CodeWidth.OneBit, zeroExact: false)
        {
            Metadata = MetadataFormat.EightBits, GroupSize = 16, GroupAxis = 2, Shares = s_shares,
        },
        new(CodeWidth.OneBit, zeroExact: false)
        {
            Grid = CodeGrid.Squared, Rounding = RoundingMode.Stochastic, Layout = GroupLayout.Flat, GroupSize = 17,
            Shares = s_shares,
        },
    ];

    private static readonly PackFormat[] s_formats =
    [
        new(CodeWidth.TwoBits, zeroExact: true),
        new(CodeWidth.TwoBits, zeroExact: false) { GroupSize = 16, GroupAxis = 2 },
        new(CodeWidth.ThreeLevels, zeroExact: true) { Metadata = MetadataFormat.EightBits, GroupAxis = 2 },
        new(CodeWidth.FourBits, zeroExact: false) { Layout = GroupLayout.Flat },
        new(CodeWidth.EightBits, zeroExact: false), new(CodeWidth.FourBits, zeroExact: false)
        {
            Grid = CodeGrid.Squared, Rounding = RoundingMode.Stochastic, GroupSize = 64,
        },
        .. s_mixed,
    ];

    /// <summary>What the shape carrier may claim: the truth, other factors of it, and what overflows.</summary>
    private static readonly long[][] s_shapes =
    [
        s_dims, [10, 28, 3], [Count], [1, Count], [Count, 1], [10, 3, 7, 4], [1, 1, 1, 30, 28], [10, 3, 29], [0, 3, 28],
        [],
        [10, 3, long.MaxValue], [1L << 31, 1L << 31, 1L << 31],
    ];

    private static readonly KernelTier[] s_tiers = [.. Enum.GetValues<KernelTier>().Where(KernelTiers.IsSupported)];

    [Fact]
    public void Masks_read_from_codes() => Check(s_formats, Codes, tensor =>
    {
        RequireSize(tensor.Dims);
        ReluGradFromCodes.Run(
            tensor.Tier, ElementType.Float32, tensor.Numbers(Count), tensor.Dims, tensor.Packed, tensor.PackedBytes,
            tensor.Room(Count * sizeof(float)), SerialLoop.Instance);
    });

    [Fact]
    public void Batch_normalization_rebuilt() => Check(s_formats, Codes, tensor =>
    {
        RequireSize(tensor.Dims);
        BatchNormalizationFromPacked.Run(
            PlanesOf(tensor), NewStatistics(), new float[Channels], new MaskBits(null), default, BatchSlice.Whole, null,
            (float*)tensor.Room(Count * sizeof(float)), SerialLoop.Instance);
    });

    [Fact]
    public void Batch_normalization_s_gradient() => Check(s_formats, Codes, tensor =>
    {
        RequireSize(tensor.Dims);
        BatchNormalizationGradFromPacked.Run(
            tensor.Numbers(Count), PlanesOf(tensor), NewStatistics(), new MaskBits(null),
            (float*)tensor.Room(Count * sizeof(float)),
            (float*)tensor.Room(Channels * sizeof(float)), (float*)tensor.Room(Channels * sizeof(float)),
            SerialLoop.Instance);
    });

    [Fact]
    public void Layer_normalization_rebuilt() => Check(s_formats, Codes, tensor =>
    {
        RequireSize(tensor.Dims);
        var (x, statistics) = RowsOf(tensor);
        LayerNormalizationFromPacked.Run(
            x, statistics, tensor.OneOf(0, 1) == 0 ? null : tensor.Numbers(x.PlaneLength),
            (float*)tensor.Room(Count * sizeof(float)),
            SerialLoop.Instance);
    });

    [Fact]
    public void Layer_normalization_s_gradient() => Check(s_formats, Codes, tensor =>
    {
        RequireSize(tensor.Dims);
        var (x, statistics) = RowsOf(tensor);
        LayerNormalizationGradFromPacked.Run(
            tensor.Numbers(Count), x, statistics, (float*)tensor.Room(Count * sizeof(float)),
            (float*)tensor.Room(x.PlaneLength * sizeof(float)), (float*)tensor.Room(x.PlaneLength * sizeof(float)),
            SerialLoop.Instance);
    });

    [Fact]
    public void Softmax_s_gradient() => Check(s_formats, Codes, tensor =>
    {
        RequireSize(tensor.Dims);
        SoftmaxGradFromPacked.Run(
            tensor.Tier, tensor.Numbers(Count), tensor.Dims, tensor.Packed, tensor.PackedBytes,
            tensor.Numbers(Count / tensor.Dims[^1]),
            (float*)tensor.Room(Count * sizeof(float)), SerialLoop.Instance);
    });

    [Fact]
    public void Cross_entropy_s_gradient() => Check(s_formats, Codes, tensor =>
    {
        RequireSize(tensor.Dims);
        if (tensor.Dims.Length < 2) throw new ArgumentException("No classes.");
        var classes = tensor.Dims[1];
        var labels = Enumerable.Range(0, (int)(Count / classes)).Select(_ => LabelOf(tensor, classes)).ToArray();
        var reduction = tensor.OneOf(Enum.GetValues<LossReduction>());
        var upstream = reduction == LossReduction.None ? labels.Length : 1;
        var weights = new ReadOnlySpan<float>(tensor.Numbers(classes), tensor.OneOf(0, (int)classes));
        var factors = new LabelFactors(reduction, tensor.OneOf<long?>(Ignored, Ignored, null))
            .Of(labels, classes, weights, new ReadOnlySpan<float>(tensor.Numbers(upstream), upstream));
        SoftmaxCrossEntropyLossGradFromPacked.Run(
            tensor.Tier, tensor.Dims, tensor.Packed, tensor.PackedBytes, labels, factors,
            (float*)tensor.Room(Count * sizeof(float)),
            SerialLoop.Instance);
    });

    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float64)]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    public void Groups_with_widths_of_their_own(ElementType type) =>
        Check(s_mixed, format => Codes(format, type), tensor =>
    {
        RequireSize(tensor.Dims);
        UnpackDequant.Run(
            tensor.Tier, type, tensor.Packed, tensor.PackedBytes, tensor.Dims,
            tensor.Room(Count * ElementTypes.SizeOf(type)),
            tensor.OneOf(UnpackOutput.Value, UnpackOutput.Nonzero), SerialLoop.Instance);
    });

    [Fact]
    public void Masks_unpacked() => Check(s_formats, Mask, tensor =>
    {
        KernelBinding kernels = tensor.Tier;
        kernels.UnpackMask(tensor.Packed, tensor.PackedBytes, tensor.Room(Count), Count);
    });

    [Fact]
    public void Masks_applied() => Check(s_formats, Mask, tensor =>
    {
        KernelBinding kernels = tensor.Tier;
        kernels.KeepOrZero(
            ElementType.Float32, tensor.Numbers(Count), Count, tensor.Packed, tensor.PackedBytes,
            tensor.Room(Count * sizeof(float)),
            SerialLoop.Instance);
    });

    private static void Check(PackFormat[] formats, Func<PackFormat, byte[]> pack, Action<DamagedTensor> read)
    {
        var sound = formats.ToDictionary(format => format, pack);
        var (passed, refused) = (0, 0);
        Gen.Select(
            Gen.Int[0, formats.Length - 1], Gen.Int[0, 3 * s_shapes.Length], Gen.Int[0, s_tiers.Length - 1], Damage.Any)
            .Sample(
                (format, shape, tier, damage) =>
                {
                    var packed = damage.Of(sound[formats[format]]);
                    using var tensor = new DamagedTensor(
                        s_tiers[tier], packed, shape < s_shapes.Length ? s_shapes[shape] : s_dims, damage.Seed);
                    _ = IsRead(tensor, read) ? passed++ : refused++;
                },
                iter: Samples, threads: 1);
        passed.Should().BeGreaterThan(Samples / 20);
        refused.Should().BeGreaterThan(Samples / 20);
    }

    private static bool IsRead(DamagedTensor tensor, Action<DamagedTensor> read)
    {
        try
        {
            read(tensor);
            return true;
        }
        catch (Exception problem) when (problem is PackedFormatException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>
    /// The operators make dX of the shape's size; a shape of another size than dY never reaches a kernel.
    /// </summary>
    private static void RequireSize(long[] dims)
    {
        if (dims.Aggregate((UInt128)1, (product, size) => product * (UInt128)size) != Count)
            throw new ArgumentException("Another size.");
    }

    private static PackedPlanes PlanesOf(DamagedTensor tensor) =>
        PackedPlanes.OfChannels(tensor.Tier, tensor.Packed, tensor.PackedBytes, tensor.Dims, Channels);

    private static ChannelStatistics NewStatistics() =>
        new(new float[Channels], new float[Channels], new float[Channels]);

    /// <summary>
    /// As the operators check it: the statistics say how many rows there are, and these how many columns.
    /// </summary>
    private static (PackedPlanes X, RowStatistics Statistics) RowsOf(DamagedTensor tensor)
    {
        var rows = tensor.OneOf(30, 30, 30, 10, Count, 1, 28, 7, 0, 31);
        var x = PackedPlanes.OfRows(tensor.Tier, tensor.Packed, tensor.PackedBytes, tensor.Dims, rows);
        var mean = tensor.OneOf(0, 1) == 0 ? null : tensor.Numbers(rows);
        return (x, new RowStatistics(tensor.Numbers(x.PlaneLength), tensor.Numbers(rows), mean));
    }

    /// <summary>A class, often a label that is to be ignored, seldom none of both.</summary>
    private static long LabelOf(DamagedTensor tensor, long classes) => tensor.Next(4000) switch
    {
        0 => classes,
        1 => long.MinValue,
        < 1000 => Ignored,
        _ => tensor.Next((int)classes),
    };

    private static byte[] Codes(PackFormat format) => Codes(format, ElementType.Float32);

    private static byte[] Codes(PackFormat format, ElementType type) => TestCodec.Pack(
        KernelTiers.Current, type, TestTensor.ToBytes(TestTensor.Draw(Count, format.HasStepAlone, seed: 3), type),
        s_dims, format, TestCodec.Key);

    private static byte[] Mask(PackFormat format) => TestMasks.Pack(
        KernelTiers.Current, ElementType.Float32,
        TestTensor.ToBytes(TestTensor.Draw(Count, format.ZeroExact, seed: 3), ElementType.Float32));
}
