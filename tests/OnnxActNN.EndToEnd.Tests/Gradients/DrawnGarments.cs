using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Training.Feeds;

namespace OnnxActNN.EndToEnd.Tests.Gradients;

/// <summary>
/// Images of ten kinds that a small network can learn to tell apart, as photographs of garments on black are: each kind is a shape of three
/// soft boxes, which every image moves, scales in brightness and roughens; the ground is exactly 0.
/// </summary>
internal sealed class DrawnGarments(ulong seed) : IFeedSource
{
    private const int Side = 28;
    private const int Kinds = 10;
    private const int Boxes = 3;

    /// <inheritdoc/>
    public OrtValue Create(GraphInput input, long[] sizes, int step)
    {
        if (sizes.Length == 1) return FeedTensor.Create(input.ElementType, sizes, sample => KindOf(sample, step));
        const int Pixels = Side * Side;
        return FeedTensor.Create(input.ElementType, sizes, i => Pixel(i / Pixels, (int)(i % Pixels), step));
    }

    private ulong KeyOf(long sample, int step) => SplitMix64.Mix(seed + SplitMix64.Mix(((ulong)step << 32) + (ulong)sample));

    private int KindOf(long sample, int step) => (int)(SplitMix64.Uniform(KeyOf(sample, step), 0) * Kinds);

    private double Pixel(long sample, int pixel, int step)
    {
        var key = KeyOf(sample, step);
        var x = pixel % Side - Math.Floor(SplitMix64.Uniform(key, 1) * 5 - 2);
        var y = pixel / Side - Math.Floor(SplitMix64.Uniform(key, 2) * 5 - 2);
        var brightness = 0.0;
        for (var box = 0; box < Boxes; box++) brightness = Math.Max(brightness, Box((ulong)(KindOf(sample, step) * Boxes + box), x, y));
        var texture = 0.7 + 0.6 * SplitMix64.Uniform(key, (ulong)(pixel + 10));
        return brightness * texture * (0.6 + 0.8 * SplitMix64.Uniform(key, 3));
    }

    /// <summary>
    /// Brightness within a box, less towards its rim; 0 outside. Where it lies and how large it is follows from its
    /// number.
    /// </summary>
    private static double Box(ulong number, double x, double y)
    {
        double Draw(ulong index, double least, double most) => least + (most - least) * SplitMix64.Uniform(77, number * 8 + index);
        var (centreX, centreY) = (Draw(0, 8, 20), Draw(1, 8, 20));
        var (width, height) = (Draw(2, 2, 9), Draw(3, 2, 9));
        var (away, up) = (Math.Abs(x - centreX) / width, Math.Abs(y - centreY) / height);
        return away < 1 && up < 1 ? Draw(4, 0.4, 1) * (1 - 0.4 * away * up) : 0;
    }
}
