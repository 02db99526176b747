namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>
/// Whether a codec is unbiased: over many runs the error, projected on fixed vectors, must have mean 0. The vectors are
/// random signs, the values themselves, and the values' signs at the ends of the range, where a missing code shows.
/// </summary>
internal sealed class BiasTest
{
    /// <summary>A mean so many standard errors from 0 is a bias; by chance one in 16,000 projections is.</summary>
    public const double Threshold = 4;

    private const int SignVectors = 8;

    private readonly IReadOnlyList<double> _values;
    private readonly List<double[]> _directions = [];

    public BiasTest(IReadOnlyList<double> values)
    {
        _values = values;
        var random = new Random(99);
        for (var i = 0; i < SignVectors; i++)
            _directions.Add([.. values.Select(_ => random.Next(2) * 2.0 - 1)]);
        _directions.Add([.. values]);
        _directions.Add([.. values.Select(_ => 1.0)]);
    }

    /// <summary>The largest |z| of all projections over <paramref name="runs"/> runs of a codec.</summary>
    public double LargestZ(int runs, Func<long, double[]> codec)
    {
        var (sums, squares) = (new double[_directions.Count], new double[_directions.Count]);
        for (var run = 0; run < runs; run++)
        {
            var decoded = codec(run);
            for (var d = 0; d < _directions.Count; d++)
            {
                var projection = 0.0;
                for (var i = 0; i < decoded.Length; i++)
                    projection += _directions[d][i] * (decoded[i] - _values[i]);
                sums[d] += projection;
                squares[d] += projection * projection;
            }
        }

        return Enumerable.Range(0, _directions.Count).Max(d => Z(sums[d], squares[d], runs));
    }

    private static double Z(double sum, double squares, int runs)
    {
        var mean = sum / runs;
        var variance = Math.Max(0, squares / runs - mean * mean) * runs / (runs - 1);
        return variance > 0 ? Math.Abs(mean) / Math.Sqrt(variance / runs) : mean == 0 ? 0 : double.PositiveInfinity;
    }
}
