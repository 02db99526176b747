namespace OnnxActNN.Format.Derivatives;

/// <summary>
/// Functions in float64 that are the same on every machine: those of <see cref="Math"/> are the platform's and may
/// differ in their last bit.
/// </summary>
internal static class ElementaryFunctions
{
    private const double InverseOfLn2 = 1.4426950408889634;

    /// <summary>ln 2 in two parts; the first has so few bits that its multiples are exact.</summary>
    private const double HighLn2 = 0.693147180369123816490;
    private const double LowLn2 = 1.90821492927058770002e-10;

    private const double Root2 = 1.4142135623730951;
    private const double InverseOfRoot2Pi = 0.39894228040143268;

    /// <summary>Terms of the series of e^r for |r| ≤ ½ ln 2: what is left out is below 2⁻⁵³.</summary>
    private const int Terms = 14;

    /// <summary>e^x for −700 ≤ x ≤ 700, to a few units in the last place.</summary>
    public static double Exp(double x)
    {
        var power = Math.Round(x * InverseOfLn2);
        var rest = x - power * HighLn2 - power * LowLn2;
        var sum = 1.0;
        for (var term = Terms; term > 0; term--) sum = 1 + sum * rest / term;
        return sum * BitConverter.Int64BitsToDouble((long)(1023 + power) << 52);
    }

    /// <summary>σ(x) = 1 / (1 + e^−x).</summary>
    public static double Logistic(double x) => 1 / (1 + Exp(Math.Clamp(-x, -700, 700)));

    /// <summary>φ(x), the density of the standard normal distribution.</summary>
    public static double NormalDensity(double x) => InverseOfRoot2Pi * Exp(-0.5 * x * x);

    /// <summary>erf(x) = 2Φ(√2 x) − 1; beyond ±6 it is ±1 to the last bit.</summary>
    public static double Erf(double x) => 2 * NormalDistribution(Root2 * Math.Clamp(x, -6, 6)) - 1;

    /// <summary>
    /// Φ(x) = ½ + φ(x) · Σ x^(2n+1) / (1 · 3 ⋯ (2n+1)), whose terms are of one sign; for |x| ≤ 37.
    /// </summary>
    public static double NormalDistribution(double x)
    {
        var (sum, term) = (x, x);
        for (var odd = 3; Math.Abs(term) > 1e-17 * Math.Abs(sum); odd += 2)
        {
            term *= x * x / odd;
            sum += term;
        }
        return 0.5 + NormalDensity(x) * sum;
    }
}
