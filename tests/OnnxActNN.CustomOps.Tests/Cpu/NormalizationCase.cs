using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>A packed tensor, what it is restored to, and numbers to go with it.</summary>
internal sealed unsafe class NormalizationCase
{
    private const int Seed = 12;

    private readonly int _planeLength;

    /// <param name="shape">Dimensions with an x between them.</param>
    /// <param name="format">
    /// Layout, group size, and "eight" for metadata of 8 bits or "last" for rows of the last axis.
    /// </param>
    /// <param name="width">Bits of a code.</param>
    /// <param name="zeroExact">Whether X is the output of a Relu.</param>
    /// <param name="channels">How many channels are read; null for all.</param>
    public NormalizationCase(
        string shape, string format, CodeWidth width = CodeWidth.TwoBits, bool zeroExact = false, int? channels = null)
    {
        Dims = [.. shape.Split('x').Select(long.Parse)];
        var count = TestTensor.CountOf(Dims);
        var random = new Random(Seed);
        var x = TestTensor.ToBytes(TestTensor.Draw(count, zeroExact, Seed), ElementType.Float32);
        var words = format.Split(' ');
        var packFormat = new PackFormat(width, zeroExact)
        {
            Layout = words[0] == "flat" ? GroupLayout.Flat : GroupLayout.Row,
            GroupSize = int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture),
            GroupAxis = Dims.Length > 2 && words[^1] != "last" ? 2 : -1,
            Metadata = words[^1] == "eight" ? MetadataFormat.EightBits : MetadataFormat.BFloat16,
        };
        Packed = TestCodec.Pack(KernelTier.Scalar, ElementType.Float32, x, Dims, packFormat, TestCodec.Key);
        Channels = channels ?? (int)Dims[1];
        var stored = MemoryMarshal.Cast<byte, float>(
            TestCodec.Unpack(KernelTier.Scalar, ElementType.Float32, Packed, Dims));
        var variances = GroupVariances.Of(Packed, Dims, packFormat);
        _planeLength = TestTensor.CountOf(Dims.Skip(2));
        for (var sample = 0; sample < Dims[0]; sample++)
        {
            var (start, length) = ((int)(sample * Dims[1]) * _planeLength, Channels * _planeLength);
            Restored = [.. Restored, .. stored.Slice(start, length)];
            Variance = [.. Variance, .. variances.AsSpan(start, length)];
        }
        count = Restored.Length;
        Other = Draw(count);
        Mask = new byte[(count + 7) / 8];
        random.NextBytes(Mask);
        Statistics = new ChannelStatistics(
            Draw(Channels), Draw(Channels), [.. Draw(Channels).Select(x => 0.5f + x * x)]);
        Bias = Draw(Channels);

        float[] Draw(int length) => [.. Enumerable.Range(0, length).Select(_ => (float)(2 * random.NextDouble() - 1))];
    }

    public long[] Dims { get; }

    public byte[] Packed { get; }

    /// <summary>One bit per element, without a header.</summary>
    public byte[] Mask { get; }

    /// <summary>Those that are read; the packed tensor may have more.</summary>
    public int Channels { get; }

    public float[] Restored { get; } = [];

    /// <summary>Of each element's error: step² / 12 of its group.</summary>
    public double[] Variance { get; } = [];

    public float[] Other { get; }

    public float[] Bias { get; }

    public ChannelStatistics Statistics { get; }

    public int ChannelOf(int element) => element / _planeLength % Channels;

    public bool IsKept(int element) => (Mask[element / 8] >> (element % 8) & 1) != 0;

    /// <summary>With an addend, Y is written over it; of a slice, the addend is the slice's.</summary>
    public float[] Forward(
        bool masked, bool added, IParallelLoop loop, ClipBounds bounds = default, BatchSlice? slice = null)
    {
        var y = OfSlice(Other, slice ?? BatchSlice.Whole).ToArray();
        if (!added) Array.Clear(y);
        fixed (byte* packed = Packed, mask = Mask)
        fixed (float* target = y)
        {
            BatchNormalizationFromPacked.Run(
                PackedPlanes.OfChannels(KernelTiers.Current, packed, Packed.Length, Dims, Channels), Statistics, Bias,
                new MaskBits(masked ? mask : null), bounds, slice ?? BatchSlice.Whole, added ? target : null, target,
                loop);
        }
        return y;
    }

    /// <summary>The elements of a slice, of as many as are read.</summary>
    public ReadOnlySpan<float> OfSlice(float[] elements, BatchSlice slice)
    {
        var (start, end) = slice.ElementsOf([Dims[0], Channels, .. Dims[2..]]);
        return elements.AsSpan((int)start, (int)(end - start));
    }

    public (float[] X, float[] Scale, float[] Bias) Gradient(
        bool masked, bool inPlace, IParallelLoop loop, KernelTier? tier = null, ChannelStatistics? statistics = null)
    {
        float[] dY = [.. Other];
        var dX = inPlace ? dY : new float[dY.Length];
        var (dScale, dBias) = (new float[Channels], new float[Channels]);
        fixed (byte* packed = Packed, mask = Mask)
        fixed (float* source = dY, target = dX, scale = dScale, bias = dBias)
        {
            BatchNormalizationGradFromPacked.Run(
                source, PackedPlanes.OfChannels(tier ?? KernelTiers.Current, packed, Packed.Length, Dims, Channels),
                statistics ?? Statistics, new MaskBits(masked ? mask : null), target, scale, bias, loop);
        }
        return (dX, dScale, dBias);
    }
}
