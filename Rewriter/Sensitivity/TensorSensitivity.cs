using OnnxActNN.Format;

namespace OnnxActNN.Rewriter.Sensitivity;

/// <summary>
/// How much noise a code on one saved tensor adds to the parameters' gradients: E‖ĝ − g‖², summed over all parameters.
/// </summary>
/// <param name="Ranged">Variance · 12 · (levels − 1)² of a code over minimum to maximum.</param>
/// <param name="ZeroExact">Variance · 12 · (levels − 2)² of a zero-exact code.</param>
/// <param name="Squared">
/// Variance · 12 · (levels − 1)² of a code whose levels are squares, stochastically rounded.
/// </param>
/// <param name="Bias">‖E ĝ − g‖² · (levels − 1)⁴, as measured: a bias grows as the step's square.</param>
/// <param name="Quartic">
/// (levels − 1)⁴ times the part of the variance that grows as the step's fourth power, by nonlinear readers.
/// </param>
/// <param name="IsMeasured">Whether the numbers were measured, by packing this tensor alone.</param>
internal sealed record TensorSensitivity(
    double Ranged, double ZeroExact, double Squared, double Bias = 0, double Quartic = 0, bool IsMeasured = false)
{
    /// <summary>What smaller groups leave of all this; empty where that is not known.</summary>
    public IReadOnlyList<GroupShares> Finer { get; init; } = [];

    /// <summary>Stochastic rounding has twice the variance of dither, on average.</summary>
    private const double StochasticFactor = 2;

    private const double DitherDivisor = 12;

    private static readonly Dictionary<WidthOrder, RangeHistogram> s_none = [];

    /// <summary>
    /// A step that is rounded up to 3 bits behind the leading one is 4.5 % too large, on average over steps of any
    /// size; its square counts.
    /// </summary>
    private const double EightBitFactor = 1.09;

    /// <summary>
    /// How the tensor's groups spread in the orders that put noise where it counts least; empty where that is not
    /// known.
    /// </summary>
    public IReadOnlyDictionary<WidthOrder, RangeHistogram> Spreads { get; init; } = s_none;

    /// <summary>
    /// The shares of wider groups, in the format's order, that are best at so many stored bits an element; null where
    /// the spread is not known.
    /// </summary>
    public WidthShares? SharesAt(PackFormat format, double bits) =>
        Spreads.GetValueOrDefault(format.Order)?.Allocate(format, bits, StepsOfUniform);

    /// <summary>Variance added to the gradients by this code.</summary>
    public double VarianceAt(PackFormat format)
    {
        var perStep = format.Grid == CodeGrid.Squared ? Squared : format.ZeroExact ? ZeroExact : Ranged;
        var factor = FactorOf(format) * ShareOf(format);
        var perSquare = PerSquaredStep(format);
        return factor * perStep * perSquare / DitherDivisor + factor * factor * Quartic * perSquare * perSquare;
    }

    /// <summary>Variance and squared bias: what a code costs.</summary>
    public double CostAt(PackFormat format) =>
        VarianceAt(format) + Bias * Math.Pow(ShareOf(format) * PerSquaredStep(format), 2);

    /// <summary>The sensitivity that a measurement with this code shows.</summary>
    /// <param name="format">The code.</param>
    /// <param name="variance">Measured variance.</param>
    /// <param name="squaredBias">Measured squared bias.</param>
    /// <param name="then">What was predicted for it: how codes with and without an exact zero compare.</param>
    /// <param name="now">What is predicted where other tensors are rebuilt from this one than then.</param>
    public static TensorSensitivity FromMeasurement(
        PackFormat format, double variance, double squaredBias, TensorSensitivity? then = null, TensorSensitivity? now =
            null)
    {
        var steps = StepsOfUniform(format);
        var factor = FactorOf(format);
        var perStep = variance * DitherDivisor * steps * steps / factor;
        var bias = squaredBias * Math.Pow(steps, 4);
        if (then is not { Ranged: > 0, ZeroExact: > 0 })
        {
            return new TensorSensitivity(perStep, perStep, perStep, bias, IsMeasured: true)
            {
                Spreads = (now ?? then)?.Spreads ?? s_none,
            };
        }
        var scale = variance / then.VarianceAt(format);
        bias /= Math.Pow(then.ShareOf(format), 2);
        now ??= then;
        return now with
        {
            Ranged = scale * now.Ranged,
            ZeroExact = scale * now.ZeroExact,
            Squared = scale * now.Squared,
            Bias = bias,
            Quartic = scale * now.Quartic,
            IsMeasured = true,
        };
    }

    /// <summary>Both together, of independent noise or at other parameters.</summary>
    public TensorSensitivity Plus(TensorSensitivity other) =>
        this with
        {
            Ranged = Ranged + other.Ranged,
            ZeroExact = ZeroExact + other.ZeroExact,
            Squared = Squared + other.Squared,
            Quartic = Quartic + other.Quartic,
            Spreads = Spreads.Where(spread => other.Spreads.ContainsKey(spread.Key)).ToDictionary(),
        };

    /// <summary>What the groups of a code leave of the variance.</summary>
    public double ShareOf(PackFormat format) =>
        Finer.FirstOrDefault(shares => shares.GroupSize == format.GroupSize)?.Of(format) ?? 1;

    private static double FactorOf(PackFormat format) =>
        (format is { Rounding: RoundingMode.Stochastic, Grid: CodeGrid.Uniform } ? StochasticFactor : 1)
        * (format.Metadata == MetadataFormat.EightBits ? EightBitFactor : 1);

    /// <summary>1 / steps², where groups have widths of their own on average over them.</summary>
    private double PerSquaredStep(PackFormat format) =>
        !format.Shares.IsUniform && Spreads.TryGetValue(format.Order, out var spread)
        ? spread.InverseSquaredSteps(format, StepsOfUniform)
        : Math.Pow(StepsOfUniform(format), -2);

    /// <summary>
    /// Steps between the smallest and the largest value of a group, on average over the range where they differ.
    /// </summary>
    private static double StepsOfUniform(PackFormat format) =>
        CodeWidths.Levels(format.Width) - (format.ZeroExact ? 2 : 1);
}
