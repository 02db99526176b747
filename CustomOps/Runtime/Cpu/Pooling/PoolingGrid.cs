using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Pooling;

/// <summary>The windows of a pool axis by axis; a pool over fewer axes than three has leading axes of one element and one window.</summary>
internal sealed class PoolingGrid
{
    private readonly PoolingAxis[] _axes = [PoolingAxis.Single, PoolingAxis.Single, PoolingAxis.Single];

    /// <param name="window">The window.</param>
    /// <param name="sizes">Spatial dimensions of the pool's input.</param>
    /// <param name="windows">Spatial dimensions of its output.</param>
    /// <exception cref="ArgumentException">A window holds no element of the plane.</exception>
    public PoolingGrid(PoolingWindow window, ReadOnlySpan<long> sizes, ReadOnlySpan<long> windows)
    {
        ElementCount = 1;
        for (var axis = 0; axis < window.Axes; axis++)
        {
            _axes[PoolingWindow.MostAxes - window.Axes + axis] = new PoolingAxis(
                sizes[axis], windows[axis], window.KernelShape[axis], window.Strides[axis], window.Dilations[axis], window.PadsBegin[axis]);
            ElementCount = checked(ElementCount * sizes[axis]);
        }
        foreach (var axis in _axes) axis.RequireElements();
    }

    /// <summary>Elements of a plane.</summary>
    public long ElementCount { get; }

    /// <param name="axis">0 to 2, the last one fastest.</param>
    public PoolingAxis Axis(int axis) => _axes[axis];
}
