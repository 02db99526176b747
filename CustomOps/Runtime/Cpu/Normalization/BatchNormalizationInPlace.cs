using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxActNN.CustomOps.Cpu.Normalization;

/// <summary>
/// Batch normalization in training of a float32 tensor [N, C, ...], which may be written over its input: to the last
/// bit what ONNX Runtime's kernel of BatchNormInternal gives on x86-64, for any number of threads.
/// </summary>
/// <remarks>
/// ONNX Runtime sums with Eigen on packets of 4 lanes, and so does this, whatever the machine has: plane after plane,
/// the planes' sums one after the other. A plane's plain sum takes its packets from the first address that is a
/// multiple of 16 on, its sum of squares from its first element on. A channel is done in three sweeps while it lies in
/// the cache. Elsewhere than on x86-64 Eigen's packets may add in another order; the last bits can differ there.
/// </remarks>
internal static unsafe class BatchNormalizationInPlace
{
    private const int Lanes = 4;

    /// <summary>Normalizes.</summary>
    /// <param name="shape">Sizes of X.</param>
    /// <param name="x">X.</param>
    /// <param name="channels">Numbers per channel, read and written.</param>
    /// <param name="y">Room for as many elements as X has; may be <paramref name="x"/>.</param>
    /// <param name="loop">Runs the channels.</param>
    public static void Run(PlaneShape shape, float* x, NormalizationChannels channels, float* y, IParallelLoop loop) =>
        loop.For(shape.Channels, (start, end) =>
        {
            for (var channel = start; channel < end; channel++) Run(shape, x, channels, channel, y);
        });

    /// <summary>The first channels, which fill packets; their roots are estimated where the processor can.</summary>
    public static long ChannelsInPackets(long channels) => channels / Lanes * Lanes;

    private static void Run(PlaneShape shape, float* x, NormalizationChannels channels, long channel, float* y)
    {
        var count = (float)(shape.Samples * shape.PlaneLength);
        var (sum, squares) = (0f, 0f);
        for (long sample = 0; sample < shape.Samples; sample++)
        {
            var start = shape.Start(sample, channel);
            sum += Sum(x + start, shape.PlaneLength);
        }
        var mean = sum / count;
        for (long sample = 0; sample < shape.Samples; sample++)
            squares += SumOfSquares(x + shape.Start(sample, channel), shape.PlaneLength, mean);
        var variance = squares / count;
        var isInPacket = channel < ChannelsInPackets(shape.Channels);
        var inverse = SquareRoot(1 / (variance + channels.Epsilon), isInPacket);
        var scale = inverse * channels.Scale[channel];
        var offset = channels.Bias[channel] - mean * scale;
        channels.Write(channel, mean, variance, inverse);
        for (long sample = 0; sample < shape.Samples; sample++)
        {
            var start = shape.Start(sample, channel);
            Apply(x + start, shape.PlaneLength, scale, offset, y + start);
        }
    }

    /// <summary>
    /// The elements in front of the first packet are added to the packets' sum, then those behind the last.
    /// </summary>
    private static float Sum(float* x, long length)
    {
        var first = Math.Min(-((nint)x / sizeof(float)) & (Lanes - 1), length);
        var packed = (length - first) / Lanes * Lanes;
        if (packed == 0) return SumOneByOne(x, length);
        var sum = Fold(SumPackets(x + first, packed));
        for (long i = 0; i < first; i++) sum += x[i];
        for (var i = first + packed; i < length; i++) sum += x[i];
        return sum;
    }

    private static float SumOneByOne(float* x, long length)
    {
        if (length == 0) return 0;
        var sum = x[0];
        for (long i = 1; i < length; i++) sum += x[i];
        return sum;
    }

    private static Vector128<float> SumPackets(float* x, long length)
    {
        var even = Vector128.Load(x);
        if (length == Lanes) return even;
        var odd = Vector128.Load(x + Lanes);
        long i = 2 * Lanes;
        for (; i <= length - 2 * Lanes; i += 2 * Lanes)
        {
            even += Vector128.Load(x + i);
            odd += Vector128.Load(x + i + Lanes);
        }
        even += odd;
        return i < length ? even + Vector128.Load(x + i) : even;
    }

    private static float SumOfSquares(float* x, long length, float mean)
    {
        var packed = length / Lanes * Lanes;
        var sum = packed > 0 ? Fold(SumSquaresOfPackets(x, packed, mean)) : length > 0 ? Square(x[0] - mean) : 0;
        for (var i = packed > 0 ? packed : 1; i < length; i++) sum += Square(x[i] - mean);
        return sum;
    }

    private static Vector128<float> SumSquaresOfPackets(float* x, long length, float mean)
    {
        var means = Vector128.Create(mean);
        var even = Square(Vector128.Load(x) - means);
        if (length == Lanes) return even;
        var odd = Square(Vector128.Load(x + Lanes) - means);
        long i = 2 * Lanes;
        for (; i <= length - 2 * Lanes; i += 2 * Lanes)
        {
            even += Square(Vector128.Load(x + i) - means);
            odd += Square(Vector128.Load(x + i + Lanes) - means);
        }
        even += odd;
        return i < length ? even + Square(Vector128.Load(x + i) - means) : even;
    }

    private static float Square(float x) => x * x;

    private static Vector128<float> Square(Vector128<float> x) => x * x;

    private static float Fold(Vector128<float> x) => (x[0] + x[2]) + (x[1] + x[3]);

    /// <summary>
    /// In packets Eigen's square root on x86 is x · (1/√x), the latter being the processor's estimate after a step of
    /// Newton's; the channels that fill no packet get the exact one.
    /// </summary>
    private static float SquareRoot(float x, bool isInPacket)
    {
        if (!isInPacket || !Sse.IsSupported) return MathF.Sqrt(x);
        if (x is >= 0 and < 1.17549435e-38f) return 0;
        var estimate = Sse.ReciprocalSqrtScalar(Vector128.CreateScalar(x)).ToScalar();
        return x * (estimate * (-0.5f * x * (estimate * estimate) + 1.5f));
    }

    private static void Apply(float* x, long length, float scale, float offset, float* y)
    {
        var (scales, offsets) = (Vector512.Create(scale), Vector512.Create(offset));
        long i = 0;
        for (; i <= length - Vector512<float>.Count; i += Vector512<float>.Count)
            (Vector512.Load(x + i) * scales + offsets).Store(y + i);
        for (; i < length; i++) y[i] = x[i] * scale + offset;
    }
}
