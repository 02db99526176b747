using System.Runtime.Intrinsics;

namespace OnnxActNN.CustomOps.Cpu.Normalization;

/// <summary>
/// The gradient of batch normalization from packed X. With c = X − mean, i = inv_std and m elements per channel: dbias
/// = Σ dY, dscale = i · Σ dY · c, dX = a · dY + b · c + d, where a = scale · i, b = −a · i · dscale / m, d = −a · dbias
/// / m. Source: batch_norm_grad.cc of ONNX Runtime 1.19.2.
/// </summary>
/// <remarks>
/// X stands twice in b · c, once with itself, so an error of variance v in X gives −a · dY · v · i² / m that does not
/// average out. Where m is so small that this could show, the same is added again: v is known, it is that of the code's
/// rounding. Two passes, which decode X twice and restore it nowhere. Sums run over 16 lanes within a piece of a plane,
/// then in float64 over pieces, planes and samples, always in the same order: the bits do not depend on the processor
/// or the number of threads.
/// </remarks>
internal static unsafe class BatchNormalizationGradFromPacked
{
    /// <summary>
    /// With more elements in a channel the error's square is less than 3·10⁻⁵ of the gradient at 2 bits.
    /// </summary>
    public const long MostCorrected = 1 << 13;

    /// <summary>Computes the three gradients.</summary>
    /// <param name="dY">Gradient of Y, as many elements as X has.</param>
    /// <param name="x">X, packed.</param>
    /// <param name="statistics">Of the forward pass.</param>
    /// <param name="mask">Elements of <paramref name="dY"/> that count; the others are taken as 0.</param>
    /// <param name="dX">Gradient of X; all elements are written. May be <paramref name="dY"/>.</param>
    /// <param name="dScale">A number per channel.</param>
    /// <param name="dBias">A number per channel.</param>
    /// <param name="loop">Runs the rows.</param>
    /// <exception cref="ArgumentException">The numbers per channel are not as many as channels.</exception>
    public static void Run(
        float* dY, PackedPlanes x, ChannelStatistics statistics, MaskBits mask, float* dX, float* dScale, float* dBias,
        IParallelLoop loop)
    {
        statistics.Require(x.Channels);
        if (x.Channels == 0) return;
        var sums = new PlaneSums[x.Planes];
        x.Read(
            loop, (in piece) =>
                Add(ref sums[piece.Plane], dY + piece.Start, piece, statistics.Mean[piece.Plane % x.Channels], mask));
        var factors = new Factors[x.Channels];
        for (var channel = 0; channel < factors.Length; channel++)
            factors[channel] = Finish(sums, x, channel, statistics, dScale, dBias);
        x.Read(
            loop, atGroups: x.Planes / x.Channels * x.PlaneLength <= MostCorrected,
            (in piece) => Apply(factors[piece.Plane % x.Channels], dY + piece.Start, piece, mask, dX + piece.Start));
    }

    private static void Add(ref PlaneSums sums, float* dY, in Piece piece, float mean, MaskBits mask)
    {
        var x = piece.Values;
        var (length, start) = (piece.Length, piece.Start);
        var means = Vector512.Create(mean);
        var (gradients, products) = (Vector512<float>.Zero, Vector512<float>.Zero);
        var i = 0;
        for (; i <= length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            var gradient = Vector512.Load(dY + i);
            if (!mask.IsAbsent) gradient &= mask.Lanes(start + i);
            gradients += gradient;
            products += gradient * (Vector512.Load(x + i) - means);
        }
        var (sum, product) = (0.0, 0.0);
        for (var lane = 0; lane < Vector512<float>.Count; lane++)
        {
            sum += gradients[lane];
            product += products[lane];
        }
        for (; i < length; i++)
        {
            if (!mask.IsSet(start + i)) continue;
            sum += dY[i];
            product += (double)dY[i] * (x[i] - mean);
        }
        sums.Gradient += sum;
        sums.Product += product;
    }

    private static Factors Finish(
        PlaneSums[] sums, PackedPlanes x, int channel, ChannelStatistics statistics, float* dScale, float* dBias)
    {
        var (gradient, product) = (0.0, 0.0);
        for (long plane = channel; plane < x.Planes; plane += x.Channels)
        {
            gradient += sums[plane].Gradient;
            product += sums[plane].Product;
        }
        var (mean, inverse) = (statistics.Mean[channel], (double)statistics.InverseDeviation[channel]);
        dScale[channel] = (float)(inverse * product);
        dBias[channel] = (float)gradient;
        var ofGradient = statistics.Scale[channel] * inverse;
        var perElement = ofGradient / (x.Planes / x.Channels * x.PlaneLength);
        return new Factors(
            (float)ofGradient, mean, (float)(-perElement * inverse * inverse * product),
            (float)(-perElement * gradient), (float)(perElement * inverse * inverse));
    }

    private static void Apply(in Factors factors, float* dY, in Piece piece, MaskBits mask, float* dX)
    {
        var x = piece.Values;
        var (length, start) = (piece.Length, piece.Start);
        var scalar = factors.OfGradient + factors.OfVariance * piece.Variance;
        var (ofGradient, mean) = (Vector512.Create(scalar), Vector512.Create(factors.Mean));
        var (ofCentered, constant) = (Vector512.Create(factors.OfCentered), Vector512.Create(factors.Constant));
        var i = 0;
        for (; i <= length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            var gradient = Vector512.Load(dY + i);
            if (!mask.IsAbsent) gradient &= mask.Lanes(start + i);
            (gradient * ofGradient + ((Vector512.Load(x + i) - mean) * ofCentered + constant)).Store(dX + i);
        }
        for (; i < length; i++)
        {
            var gradient = mask.IsSet(start + i) ? dY[i] : 0f;
            dX[i] = gradient * scalar + ((x[i] - factors.Mean) * factors.OfCentered + factors.Constant);
        }
    }

    private struct PlaneSums
    {
        public double Gradient;
        public double Product;
    }

    /// <summary>
    /// dX = dY · (OfGradient + OfVariance · the error's variance) + (X − Mean) · OfCentered + Constant.
    /// </summary>
    private readonly record struct Factors(
        float OfGradient, float Mean, float OfCentered, float Constant, float OfVariance);
}
