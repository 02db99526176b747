using System.Numerics;
using OnnxActNN.CustomOps.Cpu.Elements;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Pooling;

/// <summary>
/// The driver of MaxPoolGradFromIndex: adds the elements of dY, in their order, to the elements of a zeroed dX that their
/// indices name, as ONNX Runtime's MaxPoolGrad does; so overlapping windows give the same bits. Planes are independent.
/// </summary>
internal static unsafe class MaxPoolGradient
{
    /// <param name="type">Type of the elements.</param>
    /// <param name="dY">The gradient, aligned to its elements' size.</param>
    /// <param name="y">Its dimensions.</param>
    /// <param name="packed">Packed indices. Any bytes are safe.</param>
    /// <param name="packedBytes">Bytes at <paramref name="packed"/>.</param>
    /// <param name="dX">Room for all elements of the pool's input; all are written.</param>
    /// <param name="x">Its dimensions.</param>
    /// <param name="loop">Runs the planes.</param>
    /// <exception cref="PackedFormatException">The buffer holds no indices of this shape.</exception>
    internal static void Run(
        ElementType type, void* dY, ReadOnlySpan<long> y, byte* packed, long packedBytes, void* dX, ReadOnlySpan<long> x,
        IParallelLoop loop)
    {
        var header = new ReadOnlySpan<byte>(packed, (int)Math.Clamp(packedBytes, 0, IndexLayout.HeaderSize));
        var layout = IndexLayout.Read(header, packedBytes, y);
        if (x.Length != y.Length || !x[..2].SequenceEqual(y[..2]))
            throw new PackedFormatException("The packed indices are of another shape: samples and channels of dY and dX differ.");
        RequireReach(layout.Window, x[2..], y[2..]);
        var plane = CreatePlane(layout, x, y);
        var codes = packed + IndexLayout.HeaderSize;
        switch (type)
        {
            case ElementType.Float32: Run((float*)dY, (float*)dX, layout, plane, codes, loop); break;
            case ElementType.Float64: Run((double*)dY, (double*)dX, layout, plane, codes, loop); break;
            case ElementType.Float16: Run((Half*)dY, (Half*)dX, layout, plane, codes, loop); break;
            default: Run((BFloat16*)dY, (BFloat16*)dX, layout, plane, codes, loop); break;
        }
    }

    /// <summary>
    /// Windows leave less than a step of an axis behind them: a longer axis is no pool's input, however long it claims
    /// to be.
    /// </summary>
    private static void RequireReach(PoolingWindow window, ReadOnlySpan<long> x, ReadOnlySpan<long> y)
    {
        for (var axis = 0; axis < x.Length; axis++)
        {
            var kernel = (long)(window.KernelShape[axis] - 1) * window.Dilations[axis];
            var reach = (Int128)y[axis] * window.Strides[axis] + kernel - window.PadsBegin[axis];
            if (x[axis] <= reach) continue;
            throw new PackedFormatException(
                $"The packed indices are of another shape: their windows reach over {reach} elements of {x[axis]}.");
        }
    }

    private static PoolingPlane CreatePlane(IndexLayout layout, ReadOnlySpan<long> x, ReadOnlySpan<long> y)
    {
        try
        {
            return new PoolingPlane(layout.Window, x[2..], y[2..]);
        }
        catch (OverflowException error)
        {
            throw new PackedFormatException("The packed indices are damaged: the window is too large.", error);
        }
    }

    private static void Run<T>(T* dY, T* dX, IndexLayout layout, PoolingPlane plane, byte* codes, IParallelLoop loop)
        where T : unmanaged, IAdditionOperators<T, T, T> =>
        loop.For(layout.PlaneCount, (start, end) =>
        {
            for (var number = start; number < end; number++)
            {
                var gradient = dX + number * plane.ElementCount;
                for (long i = 0; i < plane.ElementCount; i++) gradient[i] = default;
                Add(dY + number * layout.PlaneElements, gradient, layout, plane, codes + number * layout.PlaneBytes);
            }
        });

    private static void Add<T>(T* dY, T* dX, IndexLayout layout, PoolingPlane plane, byte* codes)
        where T : unmanaged, IAdditionOperators<T, T, T>
    {
        var bits = layout.Window.OffsetBits;
        var (perByte, mask) = (8 / bits, (1 << bits) - 1);
        var distances = plane.Distances;
        long window = 0;
        for (long row = 0; window < layout.PlaneElements; row++)
        {
            var start = plane.RowStart(row);
            for (long column = 0; column < plane.RowLength; column++, window++, start += plane.ColumnStep)
            {
                var offset = (codes[window / perByte] >> (int)(window % perByte) * bits) & mask;
                var element = offset < distances.Length ? start + distances[offset] : -1;
                if (!plane.Contains(element)) throw Outside();
                dX[element] += dY[window];
            }
        }
    }

    private static PackedFormatException Outside() =>
        new("The packed indices are damaged: an index lies outside the pool's input.");
}
