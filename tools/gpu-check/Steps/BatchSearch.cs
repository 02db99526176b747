namespace OnnxActNN.GpuCheck.Steps;

/// <summary>Looks for the largest batch that fits: doubles until one does not, then halves the gap.</summary>
internal static class BatchSearch
{
    /// <summary>Gaps of a sixteenth are left.</summary>
    private const int Precision = 16;

    /// <summary>The largest batch found that fits.</summary>
    /// <param name="first">A batch that fits.</param>
    /// <param name="most">No batch above it is tried.</param>
    /// <param name="fits">Whether a step of such a batch can be run.</param>
    public static int Run(int first, int most, Func<int, bool> fits)
    {
        var (good, bad) = (first, most + 1);
        while (good < most)
        {
            var next = (int)Math.Min(most, 2L * good);
            if (fits(next))
            {
                good = next;
                continue;
            }
            bad = next;
            break;
        }
        while (bad - good > Math.Max(1, good / Precision))
        {
            if (good == most) return good;
            var middle = good + (bad - good) / 2;
            if (fits(middle)) good = middle;
            else bad = middle;
        }
        return good;
    }
}
