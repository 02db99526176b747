namespace OnnxActNN.Training.Gradients;

/// <summary>
/// Mean and variance of noisy gradients over several draws, against the exact ones (Welford's updates, in float64).
/// </summary>
internal sealed class GradientNoise
{
    private readonly Dictionary<string, float[]> _exact;
    private readonly Dictionary<string, double[]> _means;
    private readonly Dictionary<string, double> _squares;

    /// <param name="exact">The gradients without noise, by parameter.</param>
    public GradientNoise(IReadOnlyDictionary<string, float[]> exact)
    {
        _exact = new Dictionary<string, float[]>(exact);
        _means = exact.ToDictionary(pair => pair.Key, pair => new double[pair.Value.Length]);
        _squares = exact.ToDictionary(pair => pair.Key, _ => 0.0);
    }

    /// <summary>Draws so far.</summary>
    public int Draws { get; private set; }

    /// <summary>The parameters.</summary>
    public IReadOnlyCollection<string> Parameters => _exact.Keys;

    /// <summary>Σ over all parameters of <see cref="VarianceOf"/>.</summary>
    public double Variance => Parameters.Sum(VarianceOf);

    /// <summary>Σ over all parameters of <see cref="SquaredBiasOf"/>.</summary>
    public double SquaredBias => Parameters.Sum(SquaredBiasOf);

    /// <summary>Σ over all parameters of ‖g‖².</summary>
    public double SquaredNorm => Parameters.Sum(SquaredNormOf);

    /// <summary>Takes one draw.</summary>
    public void Add(IReadOnlyDictionary<string, float[]> draw)
    {
        Draws++;
        foreach (var (name, gradient) in draw)
        {
            var mean = _means[name];
            double squares = 0;
            for (var i = 0; i < mean.Length; i++)
            {
                var before = gradient[i] - mean[i];
                mean[i] += before / Draws;
                squares += before * (gradient[i] - mean[i]);
            }
            _squares[name] += squares;
        }
    }

    /// <summary>The unbiased estimate of E‖ĝ − E ĝ‖² for one parameter; needs two draws.</summary>
    public double VarianceOf(string parameter) => Draws < 2 ? 0 : _squares[parameter] / (Draws - 1);

    /// <summary>‖mean − g‖² less what is left of the noise in a mean of so many draws; not below 0.</summary>
    public double SquaredBiasOf(string parameter) =>
        Math.Max(0, SquaredDistanceOf(parameter) - VarianceOf(parameter) / Math.Max(1, Draws));

    /// <summary>Mean of ‖ĝ − g‖² over the draws, for one parameter.</summary>
    public double ErrorOf(string parameter) =>
        SquaredDistanceOf(parameter) + VarianceOf(parameter) * (Draws - 1) / Math.Max(1, Draws);

    /// <summary>‖g‖² of one parameter.</summary>
    public double SquaredNormOf(string parameter) => _exact[parameter].Sum(x => (double)x * x);

    /// <summary>Cosine between the mean of the draws and g; 1 where either is 0.</summary>
    public double CosineOf(string parameter)
    {
        double product = 0, squares = 0;
        var mean = _means[parameter];
        for (var i = 0; i < mean.Length; i++)
        {
            product += mean[i] * _exact[parameter][i];
            squares += mean[i] * mean[i];
        }
        var norms = Math.Sqrt(squares * SquaredNormOf(parameter));
        return norms > 0 ? product / norms : 1;
    }

    private double SquaredDistanceOf(string parameter) =>
        _means[parameter].Zip(_exact[parameter], (mean, exact) => (mean - exact) * (mean - exact)).Sum();
}
