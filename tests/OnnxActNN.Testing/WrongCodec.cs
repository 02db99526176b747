namespace OnnxActNN.Testing;

/// <summary>
/// A 2-bit codec of one group, right or wrong on purpose: it shows that
/// <see cref="OnnxActNN.Training.Gradients.BiasTest"/> tells them apart.
/// </summary>
internal sealed class WrongCodec(IReadOnlyList<double> values, bool isNearest, bool isTopCodeMissing)
{
    private const int Levels = 4;

    public double[] RoundTrip(long run)
    {
        var random = new Random((int)run);
        var (minimum, step) = (values.Min(), (values.Max() - values.Min()) / (Levels - 1));
        var decoded = new double[values.Count];
        for (var i = 0; i < decoded.Length; i++)
        {
            var v = isNearest ? 0.5 : random.NextDouble();
            var code = Math.Min(Math.Floor((values[i] - minimum) / step + v), Levels - (isTopCodeMissing ? 2 : 1));
            decoded[i] = (code - v + 0.5) * step + minimum;
        }

        return decoded;
    }
}
