namespace OnnxActNN.Format;

/// <summary>The window of a pool over 1 to 3 spatial axes; each list has one number per axis.</summary>
/// <remarks>
/// Padding at the end and ceil_mode decide how many windows there are, not where they lie; the packed format does not
/// tell of them.
/// </remarks>
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
    /// <param name="pads">
    /// Padding at the beginning of each axis, then at the end; null or empty for 0. The latter may be left out.
    /// </param>
    /// <exception cref="ArgumentException">
    /// Counts differ, a number is out of range, or the window is too large.
    /// </exception>
    public PoolingWindow(
        IReadOnlyList<long> kernelShape, IReadOnlyList<long>? strides = null, IReadOnlyList<long>? dilations = null,
        IReadOnlyList<long>? pads = null)
    {
        ArgumentNullException.ThrowIfNull(kernelShape);
        Axes = kernelShape.Count is >= 1 and <= MostAxes
            ? kernelShape.Count
            : throw new ArgumentException($"A pooling window has 1 to {MostAxes} axes, not {kernelShape.Count}.");
        KernelShape = Read(kernelShape, otherwise: 1, least: 1, PoolingAttributes.KernelShape);
        Strides = Read(strides, otherwise: 1, least: 1, PoolingAttributes.Strides);
        Dilations = Read(dilations, otherwise: 1, least: 1, PoolingAttributes.Dilations);
        var hasEnd = pads?.Count == 2 * Axes;
        PadsBegin = Read(hasEnd ? [.. pads!.Take(Axes)] : pads, otherwise: 0, least: 0, PoolingAttributes.Pads);
        PadsEnd = Read(hasEnd ? [.. pads!.Skip(Axes)] : null, otherwise: 0, least: 0, PoolingAttributes.Pads);
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

    /// <summary>Padding at the end of each axis.</summary>
    public IReadOnlyList<int> PadsEnd { get; }

    /// <summary>Elements of a window, at most <see cref="MostElements"/>.</summary>
    public int ElementCount { get; }

    /// <summary>Bits of an offset in the window: 2, 4 or 8.</summary>
    public int OffsetBits => ElementCount <= 4 ? 2 : ElementCount <= 16 ? 4 : 8;

    /// <summary>
    /// Whether the last window starts in the input or the padding before it, with ceil_mode too and whatever the sizes.
    /// Where it need not, versions of ONNX Runtime differ: 1.19.2 counts windows that start behind, later ones do not.
    /// </summary>
    public bool StartsInside =>
        Enumerable.Range(0, Axes).All(axis => PadsEnd[axis] + (long)Strides[axis] <= Reach(axis));

    /// <summary>
    /// Dimensions of a pool's output: as many windows as fit, [N, C, (d + pads − reach) / stride + 1...].
    /// </summary>
    /// <param name="x">Dimensions of its input: samples, channels, and one for each axis.</param>
    /// <param name="isCeil">
    /// Rounds the quotient up: a last window counts that reaches behind the padding at the end, if it starts in the
    /// input or the padding before.
    /// </param>
    /// <exception cref="ArgumentException">The input has other axes, or no window fits.</exception>
    public long[] OutputOf(ReadOnlySpan<long> x, bool isCeil = false)
    {
        if (x.Length != 2 + Axes)
            throw new ArgumentException($"A pool over {Axes} axes cannot read a tensor of rank {x.Length}.", nameof(x));
        var y = x.ToArray();
        for (var axis = 0; axis < Axes; axis++)
        {
            var padded = checked(x[2 + axis] + PadsBegin[axis]);
            var room = checked(padded + PadsEnd[axis] - Reach(axis) + (isCeil ? Strides[axis] - 1 : 0));
            if (room < 0)
            {
                throw new ArgumentException(
                    $"A window of {Reach(axis)} does not fit axis {2 + axis} of {x[2 + axis]}.", nameof(x));
            }
            var last = room / Strides[axis];
            y[2 + axis] = isCeil && last * Strides[axis] >= padded ? last : last + 1;
        }
        return y;
    }

    private long Reach(int axis) => (KernelShape[axis] - 1L) * Dilations[axis] + 1;

    private int[] Read(IReadOnlyList<long>? numbers, int otherwise, int least, string name)
    {
        if (numbers is null or { Count: 0 }) return [.. Enumerable.Repeat(otherwise, Axes)];
        if (numbers.Count != Axes || numbers.Any(number => number < least || number > int.MaxValue))
            throw new ArgumentException($"{name} [{string.Join(", ", numbers)}] does not fit {Axes} axes.");
        return [.. numbers.Select(number => (int)number)];
    }
}
