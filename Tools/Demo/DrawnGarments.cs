using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Training.Data;
using OnnxActNN.Training.Feeds;

namespace OnnxActNN.Tools.Demo;

/// <summary>
/// Images of ten kinds that a small network can learn to tell apart, as photographs of garments on black are: each kind
/// is a shape of three soft boxes, which every image moves, scales in brightness and roughens; the ground is exactly 0.
/// </summary>
internal sealed class DrawnGarments(ulong seed) : IFeedSource
{
    /// <summary>Height and width of an image.</summary>
    public const int Side = 28;

    private const int Kinds = 10;
    private const int Boxes = 3;
    private const int Pixels = Side * Side;

    /// <inheritdoc/>
    public OrtValue Create(GraphInput input, long[] sizes, int step)
    {
        if (sizes.Length == 1) return FeedTensor.Create(input.ElementType, sizes, sample => KindOf(sample, step));
        return FeedTensor.Create(input.ElementType, sizes, i => Pixel(i / Pixels, (int)(i % Pixels), step));
    }

    /// <summary>So many images with their kinds, [count, 28, 28].</summary>
    /// <param name="count">Number of images.</param>
    /// <param name="step">Different numbers give different images.</param>
    public SampleSet Samples(int count, int step)
    {
        var values = new float[count * Pixels];
        Parallel.For(0, count, sample =>
        {
            for (var pixel = 0; pixel < Pixels; pixel++)
                values[sample * Pixels + pixel] = (float)Pixel(sample, pixel, step);
        });
        var labels = Enumerable.Range(0, count).Select(sample => (long)KindOf(sample, step)).ToArray();
        return new SampleSet("drawn images", new NumberArray([count, Side, Side], values), labels);
    }

    private ulong KeyOf(long sample, int step) =>
        SplitMix64.Mix(seed + SplitMix64.Mix(((ulong)step << 32) + (ulong)sample));

    private int KindOf(long sample, int step) => (int)(SplitMix64.Uniform(KeyOf(sample, step), 0) * Kinds);

    private double Pixel(long sample, int pixel, int step)
    {
        var key = KeyOf(sample, step);
        var x = pixel % Side - Math.Floor(SplitMix64.Uniform(key, 1) * 5 - 2);
        var y = pixel / Side - Math.Floor(SplitMix64.Uniform(key, 2) * 5 - 2);
        var brightness = 0.0;
        for (var box = 0; box < Boxes; box++)
            brightness = Math.Max(brightness, Box((ulong)(KindOf(sample, step) * Boxes + box), x, y));
        var texture = 0.7 + 0.6 * SplitMix64.Uniform(key, (ulong)(pixel + 10));
        return brightness * texture * (0.6 + 0.8 * SplitMix64.Uniform(key, 3));
    }

    /// <summary>
    /// Brightness within a box, less towards its rim; 0 outside. Where it lies and how large it is follows from its
    /// number.
    /// </summary>
    private static double Box(ulong number, double x, double y)
    {
        double Draw(ulong index, double least, double most) =>
            least + (most - least) * SplitMix64.Uniform(77, number * 8 + index);
        var (centreX, centreY) = (Draw(0, 8, 20), Draw(1, 8, 20));
        var (width, height) = (Draw(2, 2, 9), Draw(3, 2, 9));
        var (away, up) = (Math.Abs(x - centreX) / width, Math.Abs(y - centreY) / height);
        return away < 1 && up < 1 ? Draw(4, 0.4, 1) * (1 - 0.4 * away * up) : 0;
    }
}
