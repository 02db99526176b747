using System.Runtime.InteropServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>What the pooling kernels take besides the tensors; PoolArguments in Kernels/pooling.cuh.</summary>
/// <remarks>A pool over fewer axes than three gets leading axes of one element and one window.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PoolArguments
{
    private const int Axes = PoolingWindow.MostAxes;

    public long PackedBytes;
    public long PlaneCount;
    public long PlaneWindows;
    public long PlaneElements;
    public fixed long Sizes[Axes];
    public fixed long Windows[Axes];
    public int AxisCount;
    public int FromFirst;
    public fixed uint Header[IndexLayout.HeaderSize / sizeof(uint)];

    /// <param name="packedBytes">Bytes of the packed indices.</param>
    /// <param name="x">Dimensions of the pool's input: samples, channels, and one per axis of the window.</param>
    /// <param name="y">Dimensions of its output, of the same rank.</param>
    public PoolArguments(long packedBytes, ReadOnlySpan<long> x, ReadOnlySpan<long> y)
    {
        PackedBytes = packedBytes;
        PlaneCount = checked(y[0] * y[1]);
        AxisCount = y.Length - 2;
        PlaneWindows = PlaneElements = 1;
        for (var axis = 0; axis < Axes; axis++)
        {
            var own = axis - (Axes - AxisCount);
            Sizes[axis] = own < 0 ? 1 : x[own + 2];
            Windows[axis] = own < 0 ? 1 : y[own + 2];
            PlaneElements = checked(PlaneElements * Sizes[axis]);
            PlaneWindows = checked(PlaneWindows * Windows[axis]);
        }
    }

    /// <summary>For the pack: with the header that it writes.</summary>
    public PoolArguments(IndexLayout layout, ReadOnlySpan<long> x, ReadOnlySpan<long> y) : this(layout.TotalBytes, x, y)
    {
        fixed (uint* header = Header)
            layout.WriteHeader(new Span<byte>(header, IndexLayout.HeaderSize));
    }
}
