namespace OnnxActNN.Format;

/// <summary>The window of a pool over 1 to 3 spatial axes; each list has one number per axis.</summary>
/// <remarks>Padding at the end and ceil_mode decide how many windows there are, not where they lie.</remarks>
public sealed class PoolingWindow
{
    /// <summary>Most spatial axes.</summary>
    public const int MostAxes = 3;

    /// <summary>Most elements of a window: offsets fit a byte.</summary>
    public const int MostElements = 256;

    /// <summary>Creates a window.</summary>
    /// <param name="kernelShape">Sizes.</param>
    /// <param name="strides">Steps between windows; null or empty for 1.</param>
    /// <param name="dilations">Steps within a window; null or empty for 1.</param>
    /// <param name="padsBegin">Padding at the beginning of each axis; null or empty for 0. A list of twice as many numbers,
    /// as pools have it, is taken for its first half.</param>
    /// <exception cref="ArgumentException">Counts differ, a number is out of range, or the window is too large.</exception>
    public PoolingWindow(
        IReadOnlyList<long> kernelShape, IReadOnlyList<long>? strides = null, IReadOnlyList<long>? dilations = null,
        IReadOnlyList<long>? padsBegin = null)
    {
        ArgumentNullException.ThrowIfNull(kernelShape);
        Axes = kernelShape.Count is >= 1 and <= MostAxes
            ? kernelShape.Count
            : throw new ArgumentException($"A pooling window has 1 to {MostAxes} axes, not {kernelShape.Count}.");
        KernelShape = Read(kernelShape, otherwise: 1, least: 1, PoolingAttributes.KernelShape);
        Strides = Read(strides, otherwise: 1, least: 1, PoolingAttributes.Strides);
        Dilations = Read(dilations, otherwise: 1, least: 1, PoolingAttributes.Dilations);
        var pads = padsBegin?.Count == 2 * Axes ? [.. padsBegin.Take(Axes)] : padsBegin;
        PadsBegin = Read(pads, otherwise: 0, least: 0, PoolingAttributes.Pads);
        var elements = KernelShape.Aggregate(1L, (product, size) => Math.Min(product * size, MostElements + 1));
        if (elements > MostElements)
            throw new ArgumentException($"A window of more than {MostElements} elements is not supported.");
        ElementCount = (int)elements;
    }

    /// <summary>Spatial axes.</summary>
    public int Axes { get; }

    /// <summary>Sizes.</summary>
    public IReadOnlyList<int> KernelShape { get; }

    /// <summary>Steps between windows.</summary>
    public IReadOnlyList<int> Strides { get; }

    /// <summary>Steps within a window.</summary>
    public IReadOnlyList<int> Dilations { get; }

    /// <summary>Padding at the beginning of each axis.</summary>
    public IReadOnlyList<int> PadsBegin { get; }

    /// <summary>Elements of a window, at most <see cref="MostElements"/>.</summary>
    public int ElementCount { get; }

    /// <summary>Bits of an offset in the window: 2, 4 or 8.</summary>
    public int OffsetBits => ElementCount <= 4 ? 2 : ElementCount <= 16 ? 4 : 8;

    /// <summary>Dimensions of a pool's output: as many windows as fit, [N, C, (d + pads − reach) / stride + 1...], without ceil_mode.</summary>
    /// <param name="x">Dimensions of its input: samples, channels, and one for each axis.</param>
    /// <param name="padsEnd">Padding at the end of each axis.</param>
    /// <exception cref="ArgumentException">The input has other axes, or no window fits.</exception>
    public long[] OutputOf(ReadOnlySpan<long> x, ReadOnlySpan<long> padsEnd)
    {
        if (x.Length != 2 + Axes || padsEnd.Length != Axes)
            throw new ArgumentException($"A pool over {Axes} axes cannot read a tensor of rank {x.Length}.", nameof(x));
        var y = x.ToArray();
        for (var axis = 0; axis < Axes; axis++)
        {
            var reach = checked((KernelShape[axis] - 1L) * Dilations[axis] + 1);
            var room = checked(x[2 + axis] + PadsBegin[axis] + padsEnd[axis] - reach);
            if (room < 0) throw new ArgumentException($"A window of {reach} does not fit axis {2 + axis} of {x[2 + axis]}.", nameof(x));
            y[2 + axis] = room / Strides[axis] + 1;
        }
        return y;
    }

    private int[] Read(IReadOnlyList<long>? numbers, int otherwise, int least, string name)
    {
        if (numbers is null or { Count: 0 }) return [.. Enumerable.Repeat(otherwise, Axes)];
        if (numbers.Count != Axes || numbers.Any(number => number < least || number > int.MaxValue))
            throw new ArgumentException($"{name} [{string.Join(", ", numbers)}] does not fit {Axes} axes.");
        return [.. numbers.Select(number => (int)number)];
    }
}
