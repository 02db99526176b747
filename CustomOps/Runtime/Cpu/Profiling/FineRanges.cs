using OnnxActNN.Format.Profiles;

namespace OnnxActNN.CustomOps.Cpu.Profiling;

/// <summary>
/// What a group's pieces would span if they were groups of their own: sums over pieces of 32 and of 64 elements, of
/// elements · range² and of elements that are not 0 · peak².
/// </summary>
internal struct FineRanges
{
    /// <summary>Elements of the smaller pieces; a multiple of the partial sums.</summary>
    public const int Piece = FinerGroups.Smallest;

    private int _length;
    private int _zeros;
    private float _minimum;
    private float _maximum;

    /// <summary>Of the whole group, as what follows is of pieces.</summary>
    public double WholeRanges { get; private set; }

    public double WholePeaks { get; private set; }

    public double SquaredRanges { get; private set; }

    public double SquaredPeaks { get; private set; }

    public double SquaredRangesOfPairs { get; private set; }

    public double SquaredPeaksOfPairs { get; private set; }

    /// <summary>Takes the next piece of a group; every second one ends a pair.</summary>
    /// <param name="length">Its elements.</param>
    /// <param name="zeros">Those that are 0.</param>
    /// <param name="minimum">The smallest.</param>
    /// <param name="maximum">The largest.</param>
    public void Add(int length, int zeros, float minimum, float maximum)
    {
        SquaredRanges += RangeOf(length, minimum, maximum);
        SquaredPeaks += PeakOf(length - zeros, minimum, maximum);
        if (_length == 0)
        {
            (_length, _zeros, _minimum, _maximum) = (length, zeros, minimum, maximum);
            return;
        }
        _length += length;
        _zeros += zeros;
        _minimum = Math.Min(_minimum, minimum);
        _maximum = Math.Max(_maximum, maximum);
        EndPair();
    }

    /// <summary>The group ends, and has this range and so many zeros; a piece without another is a pair.</summary>
    public void End(int length, long zeros, in GroupRange range)
    {
        if (_length > 0) EndPair();
        WholeRanges = RangeOf(length, range.Minimum, range.Maximum);
        WholePeaks = PeakOf(length - zeros, range.Minimum, range.Maximum);
    }

    private void EndPair()
    {
        SquaredRangesOfPairs += RangeOf(_length, _minimum, _maximum);
        SquaredPeaksOfPairs += PeakOf(_length - _zeros, _minimum, _maximum);
        _length = 0;
    }

    private static double RangeOf(int length, float minimum, float maximum)
    {
        var width = (double)maximum - minimum;
        return length * width * width;
    }

    private static double PeakOf(long length, float minimum, float maximum)
    {
        var peak = Math.Max(-(double)minimum, maximum);
        return length * peak * peak;
    }
}
