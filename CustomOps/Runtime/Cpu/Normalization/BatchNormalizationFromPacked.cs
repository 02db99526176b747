using System.Runtime.Intrinsics;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Normalization;

/// <summary>
/// Y = mask ? Z : the bound nearest to Z, where Z = X · a + b + addend per channel, with a = scale · inv_std, b = bias
/// − mean · a and X decoded on the way: what batch normalization, a residual sum and Relu or Clip made of X. It is
/// linear in X, and so as unbiased as X; between two bounds only as long as the error of Z is less than half of what
/// lies between them.
/// </summary>
internal static unsafe class BatchNormalizationFromPacked
{
    /// <summary>Computes Y.</summary>
    /// <param name="x">X, packed.</param>
    /// <param name="statistics">Of the forward pass.</param>
    /// <param name="bias">Summand of each channel.</param>
    /// <param name="mask">Elements that lie within the bounds; without bits, all do.</param>
    /// <param name="bounds">What the others are one of; both are 0 behind Relu.</param>
    /// <param name="slice">The samples of X and the mask that Y is made of.</param>
    /// <param name="addend">Elements to add, as many as Y has; may be null, and may be <paramref name="y"/>.</param>
    /// <param name="y">Room for the slice's elements; all are written.</param>
    /// <param name="loop">Runs the rows.</param>
    /// <exception cref="ArgumentException">
    /// The numbers per channel are not as many as channels, or X cannot be read in slices.
    /// </exception>
    public static void Run(
        PackedPlanes x, ChannelStatistics statistics, float[] bias, MaskBits mask, ClipBounds bounds, BatchSlice slice,
        float* addend, float* y, IParallelLoop loop)
    {
        statistics.Require(x.Channels);
        if (bias.Length != x.Channels)
            throw new ArgumentException($"The bias has {bias.Length} numbers for {x.Channels} channels.");
        using var scratch = new ScratchNumbers();
        var (scale, offset) = (scratch.Take(x.Channels), scratch.Take(x.Channels));
        for (var channel = 0; channel < scale.Length; channel++)
        {
            scale[channel] = statistics.Scale[channel] * statistics.InverseDeviation[channel];
            offset[channel] = bias[channel] - statistics.Mean[channel] * scale[channel];
        }
        var samples = slice.Of(x.Samples);
        var first = samples.First * x.Channels * x.PlaneLength;
        x.Read(loop, samples, (in piece) =>
        {
            var (channel, start) = (piece.Plane % x.Channels, piece.Start - first);
            Apply(
                piece, scale[channel], offset[channel], mask, bounds, addend == null ? null : addend + start,
                y + start);
        });
    }

    private static void Apply(
        in Piece piece, float scale, float offset, MaskBits mask, ClipBounds bounds, float* addend, float* y)
    {
        var x = piece.Values;
        var (length, start) = (piece.Length, piece.Start);
        var (scales, offsets) = (Vector512.Create(scale), Vector512.Create(offset));
        var i = 0;
        for (; i <= length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            var value = Vector512.Load(x + i) * scales + offsets;
            if (addend != null) value += Vector512.Load(addend + i);
            if (!mask.IsAbsent)
                value = Vector512.ConditionalSelect(mask.Lanes(start + i), value, bounds.Nearest(value));
            value.Store(y + i);
        }
        for (; i < length; i++)
        {
            var value = x[i] * scale + offset;
            if (addend != null) value += addend[i];
            y[i] = mask.IsSet(start + i) ? value : bounds.Nearest(value);
        }
    }
}
