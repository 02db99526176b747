namespace OnnxActNN.CustomOps.Profiling;

/// <summary>
/// What the groups that begin in one sample add up to; an entry of <see cref="Format.Profiles.SampleProfile"/>.
/// </summary>
internal struct SampleSums
{
    public long Elements;
    public double Squares;
    public double SquaredRanges;
    public double SquaredPeaks;
    public float Minimum;
    public float Maximum;

    /// <summary>A sample of which no group was looked at.</summary>
    public static SampleSums Empty => new() { Minimum = float.PositiveInfinity, Maximum = float.NegativeInfinity };
}
