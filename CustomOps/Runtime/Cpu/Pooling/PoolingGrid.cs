using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Pooling;

/// <summary>
/// Where the windows of a pool lie in one plane (a sample's channel), axis by axis. A pool over fewer axes than three
/// has leading axes of one element and one window.
/// </summary>
internal sealed class PoolingGrid
{
    private readonly PoolingAxis[] _axes = [PoolingAxis.Single, PoolingAxis.Single, PoolingAxis.Single];

    /// <param name="window">The window.</param>
    /// <param name="sizes">Spatial dimensions of the pool's input.</param>
    /// <param name="windows">Spatial dimensions of its output.</param>
    public PoolingGrid(PoolingWindow window, ReadOnlySpan<long> sizes, ReadOnlySpan<long> windows)
    {
        ElementCount = 1;
        for (var axis = 0; axis < window.Axes; axis++)
        {
            _axes[PoolingWindow.MostAxes - window.Axes + axis] = new PoolingAxis(
                sizes[axis], windows[axis], window.KernelShape[axis], window.Strides[axis], window.Dilations[axis],
                window.PadsBegin[axis]);
            ElementCount = checked(ElementCount * sizes[axis]);
        }
    }

    /// <summary>Elements of a plane.</summary>
    public long ElementCount { get; }

    /// <exception cref="ArgumentException">A window holds no element of the plane.</exception>
    public void RequireElements()
    {
        foreach (var axis in _axes) axis.RequireElements();
    }

    /// <summary>Visits the windows of a plane in their order.</summary>
    public void Walk<TVisitor>(TVisitor visitor)
        where TVisitor : struct, IPoolingVisitor
    {
        var (slices, rows, columns) = (_axes[0], _axes[1], _axes[2]);
        long window = 0;
        for (long slice = 0; slice < slices.Windows; slice++)
        {
            var ofSlices = slices.At(slice);
            for (long row = 0; row < rows.Windows; row++)
            {
                var ofRows = rows.At(row);
                for (long column = 0; column < columns.Windows; column++, window++)
                {
                    var patch = new PoolingPatch(ofSlices, ofRows, columns.At(column), rows.Size, columns.Size);
                    visitor.Visit(window, patch);
                }
            }
        }
    }
}
