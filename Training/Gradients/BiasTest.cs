namespace OnnxActNN.Training.Gradients;

/// <summary>
/// Whether something random is unbiased: over many draws the error, projected on fixed vectors, must have mean 0. The
/// vectors are random signs and the exact values themselves.
/// </summary>
internal sealed class BiasTest
{
    /// <summary>A mean so many standard errors from 0 is a bias; by chance one in 16,000 projections is.</summary>
    public const double Threshold = 4;

    private const int SignVectors = 8;

    /// <summary>
    /// Relative, where the draws have no noise: a float32 sum of some thousand elements, in another order, differs by
    /// less.
    /// </summary>
    private const double Rounding = 1.0 / (1 << 18);

    /// <summary>Relative: a deviation that the sums of squares, in float64, cannot tell from none.</summary>
    private const double NoNoise = 1e-12;

    private readonly IReadOnlyList<double> _exact;
    private readonly List<double[]> _directions = [];
    private readonly double[] _sums;
    private readonly double[] _squares;
    private int _draws;

    /// <param name="exact">What the draws should be on average.</param>
    /// <param name="isSummed">
    /// Whether the plain sum is tested too: not where the errors cancel in it, and rounding remains.
    /// </param>
    public BiasTest(IReadOnlyList<double> exact, bool isSummed = false)
    {
        _exact = exact;
        var random = new Random(99);
        for (var i = 0; i < SignVectors; i++)
            _directions.Add([.. exact.Select(_ => random.Next(2) * 2.0 - 1)]);
        _directions.Add([.. exact]);
        if (isSummed) _directions.Add([.. exact.Select(_ => 1.0)]);
        _sums = new double[_directions.Count];
        _squares = new double[_directions.Count];
    }

    /// <summary>
    /// The largest |z| of all projections so far: the mean in standard errors, as rare as that many of a normal
    /// distribution; needs two draws.
    /// </summary>
    public double LargestZ => Enumerable.Range(0, _directions.Count).Max(Z);

    /// <summary>The largest |z| over <paramref name="runs"/> runs of a codec.</summary>
    public static double LargestZOf(IReadOnlyList<double> exact, int runs, Func<long, double[]> codec)
    {
        var test = new BiasTest(exact, isSummed: true);
        for (var run = 0; run < runs; run++) test.Add(codec(run));
        return test.LargestZ;
    }

    /// <summary>Takes one draw.</summary>
    public void Add(IReadOnlyList<double> draw)
    {
        for (var d = 0; d < _directions.Count; d++)
        {
            var projection = 0.0;
            for (var i = 0; i < draw.Count; i++) projection += _directions[d][i] * (draw[i] - _exact[i]);
            _sums[d] += projection;
            _squares[d] += projection * projection;
        }
        _draws++;
    }

    private double Z(int direction)
    {
        var mean = _sums[direction] / _draws;
        var variance = Math.Max(0, _squares[direction] / _draws - mean * mean) * _draws / (_draws - 1);
        var magnitude = _exact.Select((x, i) => Math.Abs(x * _directions[direction][i])).Sum();
        if (variance > NoNoise * magnitude * (NoNoise * magnitude))
            return AsNormal(Math.Abs(mean) / Math.Sqrt(variance / _draws));
        // Draws that are all alike are another order of the same sum, or wrong.
        return Math.Abs(mean) <= Rounding * magnitude ? 0 : double.PositiveInfinity;
    }

    /// <summary>
    /// The deviation that is as rare in a normal distribution as <paramref name="t"/> is in Student's, whose tails are
    /// the heavier the fewer the draws (Wallace 1959, "Bounds on normal approximations to Student's and the chi-square
    /// distributions").
    /// </summary>
    private double AsNormal(double t)
    {
        var freedom = _draws - 1.0;
        return (8 * freedom + 1) / (8 * freedom + 3) * Math.Sqrt(freedom * Math.Log(1 + t * t / freedom));
    }
}
