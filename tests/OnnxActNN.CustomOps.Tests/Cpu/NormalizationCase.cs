using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>A packed tensor, what it is restored to, and numbers to go with it.</summary>
internal sealed unsafe class NormalizationCase
{
    private const int Seed = 12;

    /// <param name="shape">Dimensions with an x between them.</param>
    /// <param name="format">Layout, group size, and "eight" for metadata of 8 bits or "last" for rows of the last axis.</param>
    /// <param name="width">Bits of a code.</param>
    /// <param name="zeroExact">Whether X is the output of a Relu.</param>
    public NormalizationCase(string shape, string format, CodeWidth width = CodeWidth.TwoBits, bool zeroExact = false)
    {
        Dims = [.. shape.Split('x').Select(long.Parse)];
        var count = (int)Dims.Aggregate(1L, (product, dim) => product * dim);
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
        Restored = [.. MemoryMarshal.Cast<byte, float>(TestCodec.Unpack(KernelTier.Scalar, ElementType.Float32, Packed, Dims))];
        Other = Draw(count);
        Mask = new byte[(count + 7) / 8];
        random.NextBytes(Mask);
        Statistics = new ChannelStatistics(Draw(Channels), Draw(Channels), [.. Draw(Channels).Select(x => 0.5f + x * x)]);
        Bias = Draw(Channels);

        float[] Draw(int length) => [.. Enumerable.Range(0, length).Select(_ => (float)(2 * random.NextDouble() - 1))];
    }

    public long[] Dims { get; }

    public byte[] Packed { get; }

    /// <summary>One bit per element, without a header.</summary>
    public byte[] Mask { get; }

    public int Channels => (int)Dims[1];

    public float[] Restored { get; }

    public float[] Other { get; }

    public float[] Bias { get; }

    public ChannelStatistics Statistics { get; }

    public int ChannelOf(int element) => element / (int)Dims.Skip(2).Aggregate(1L, (product, dim) => product * dim) % Channels;

    public bool IsKept(int element) => (Mask[element / 8] >> (element % 8) & 1) != 0;

    /// <summary>With an addend, Y is written over it.</summary>
    public float[] Forward(bool masked, bool added, IParallelLoop loop)
    {
        var y = added ? [.. Other] : new float[Other.Length];
        fixed (byte* packed = Packed, mask = Mask)
        fixed (float* target = y)
        {
            BatchNormalizationFromPacked.Run(
                PackedPlanes.Open(KernelTiers.Current, packed, Packed.Length, Dims), Statistics, Bias,
                new MaskBits(masked ? mask : null), added ? target : null, target, loop);
        }
        return y;
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
                source, PackedPlanes.Open(tier ?? KernelTiers.Current, packed, Packed.Length, Dims), statistics ?? Statistics,
                new MaskBits(masked ? mask : null), target, scale, bias, loop);
        }
        return (dX, dScale, dBias);
    }
}
