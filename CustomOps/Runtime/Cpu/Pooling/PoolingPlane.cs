using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Pooling;

/// <summary>
/// Where the windows of a pool lie in one plane (a sample's channel), as distances from its first element: window w and
/// offset k stand for element start(w) + distance(k). Padding makes starts negative; an element outside the plane is none.
/// </summary>
internal sealed class PoolingPlane
{
    private readonly long[] _sizes;
    private readonly long[] _windows;
    private readonly long[] _steps;
    private readonly long _origin;
    private readonly long[] _distances;

    /// <param name="window">The window.</param>
    /// <param name="x">Spatial dimensions of the pool's input.</param>
    /// <param name="y">Spatial dimensions of its output.</param>
    /// <exception cref="OverflowException">The sizes do not fit 64 bits.</exception>
    public PoolingPlane(PoolingWindow window, ReadOnlySpan<long> x, ReadOnlySpan<long> y)
    {
        (_sizes, _windows, _steps) = (x.ToArray(), y.ToArray(), new long[window.Axes]);
        var distances = new List<long> { 0 };
        var elements = 1L;
        for (var axis = window.Axes - 1; axis >= 0; axis--)
        {
            _steps[axis] = checked(elements * window.Strides[axis]);
            _origin = checked(_origin - elements * window.PadsBegin[axis]);
            var unit = checked(elements * window.Dilations[axis]);
            distances = [.. Enumerable.Range(0, window.KernelShape[axis])
                .SelectMany(index => distances.Select(inner => checked(index * unit + inner)))];
            elements = checked(elements * _sizes[axis]);
        }
        _distances = [.. distances];
        ElementCount = elements;
        RowLength = y[^1];
        // The last window's last element must be a number, wherever it lies.
        var farthest = _distances[^1];
        for (var axis = 0; axis < window.Axes; axis++) farthest = checked(farthest + _windows[axis] * _steps[axis]);
    }

    /// <summary>Elements of the plane.</summary>
    public long ElementCount { get; }

    /// <summary>Windows of a row: those that differ in the last axis alone.</summary>
    public long RowLength { get; }

    /// <summary>From a window of a row to the next.</summary>
    public long ColumnStep => _steps[^1];

    /// <summary>Distances from a window's first element to each of its elements, the last axis fastest.</summary>
    public ReadOnlySpan<long> Distances => _distances;

    /// <summary>The first element of the first window of a row.</summary>
    public long RowStart(long row)
    {
        var start = _origin;
        for (var axis = _windows.Length - 2; axis >= 0; axis--)
        {
            start += row % _windows[axis] * _steps[axis];
            row /= _windows[axis];
        }
        return start;
    }

    public bool Contains(long element) => (ulong)element < (ulong)ElementCount;
}
