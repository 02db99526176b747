using System.Runtime.Intrinsics;

namespace OnnxActNN.CustomOps.Cpu.Normalization;

/// <summary>
/// Y = mask ? X · a + b + addend : 0 per channel, with a = scale · inv_std, b = bias − mean · a and X decoded on the way: what batch
/// normalization, a residual sum and Relu made of X. It is linear in X, and so as unbiased as X.
/// </summary>
internal static unsafe class BatchNormalizationFromPacked
{
    /// <summary>Computes Y.</summary>
    /// <param name="x">X, packed.</param>
    /// <param name="statistics">Of the forward pass.</param>
    /// <param name="bias">Summand of each channel.</param>
    /// <param name="mask">Elements that are not 0.</param>
    /// <param name="addend">Elements to add, as many as X has; may be null, and may be <paramref name="y"/>.</param>
    /// <param name="y">Room for as many elements as X has; all are written.</param>
    /// <param name="loop">Runs the rows.</param>
    /// <exception cref="ArgumentException">The numbers per channel are not as many as channels.</exception>
    public static void Run(
        PackedPlanes x, ChannelStatistics statistics, float[] bias, MaskBits mask, float* addend, float* y, IParallelLoop loop)
    {
        statistics.Require(x.Channels);
        var scale = new float[x.Channels];
        var offset = new float[x.Channels];
        for (var channel = 0; channel < scale.Length; channel++)
        {
            scale[channel] = statistics.Scale[channel] * statistics.InverseDeviation[channel];
            offset[channel] = bias[channel] - statistics.Mean[channel] * scale[channel];
        }
        x.Read(loop, (plane, start, length, values) =>
        {
            var channel = plane % x.Channels;
            Apply(
                values, length, scale[channel], offset[channel], mask, start, addend == null ? null : addend + start, y + start);
        });
    }

    private static void Apply(float* x, int length, float scale, float offset, MaskBits mask, long start, float* addend, float* y)
    {
        var (scales, offsets) = (Vector512.Create(scale), Vector512.Create(offset));
        var i = 0;
        for (; i <= length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            var value = Vector512.Load(x + i) * scales + offsets;
            if (addend != null) value += Vector512.Load(addend + i);
            if (!mask.IsAbsent) value &= mask.Lanes(start + i);
            value.Store(y + i);
        }
        for (; i < length; i++)
        {
            var value = x[i] * scale + offset;
            if (addend != null) value += addend[i];
            y[i] = mask.IsSet(start + i) ? value : 0f;
        }
    }
}
