namespace OnnxActNN.Format.Profiles;

/// <summary>
/// Bins of squared ranges, four to each power of 2: bin 4 · e + k has what is from 2^e · (1 + k / 4) to
/// 2^e · (1 + (k + 1) / 4).
/// </summary>
public static class RangeBins
{
    private const int BinsPerOctave = 4;
    private const int ExponentBias = 1023;

    /// <summary>How many bins finite numbers have.</summary>
    public const int Count = BinsPerOctave * (2 * ExponentBias + 1);

    /// <summary>The first bin.</summary>
    public const int Least = -BinsPerOctave * ExponentBias;

    /// <summary>Leaves exponent and first two bits of a float64.</summary>
    private const int Shift = 50;

    /// <summary>The bin of a normal number above 0.</summary>
    public static int Of(double square) =>
        (int)(BitConverter.DoubleToInt64Bits(square) >> Shift) + Least;

    /// <summary>The number in a bin's middle.</summary>
    public static double MiddleOf(int bin)
    {
        var exponent = Math.DivRem(bin, BinsPerOctave, out var quarter);
        if (quarter < 0) (exponent, quarter) = (exponent - 1, quarter + BinsPerOctave);
        return Math.ScaleB(1 + (quarter + 0.5) / BinsPerOctave, exponent);
    }
}
