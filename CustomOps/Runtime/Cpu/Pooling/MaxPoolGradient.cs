using System.Numerics;
using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Elements;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Pooling;

/// <summary>
/// The driver of MaxPoolGradFromIndex: adds the elements of dY, in their order, to the elements of a zeroed dX that
/// their indices name, as ONNX Runtime's MaxPoolGrad does; so overlapping windows give the same bits. Planes are
/// independent.
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
        ElementType type, void* dY, ReadOnlySpan<long> y, byte* packed, long packedBytes, void* dX,
        ReadOnlySpan<long> x, IParallelLoop loop)
    {
        var header = new ReadOnlySpan<byte>(packed, (int)Math.Clamp(packedBytes, 0, IndexLayout.HeaderSize));
        var layout = IndexLayout.Read(header, packedBytes, y);
        if (x.Length != y.Length || !x[..2].SequenceEqual(y[..2]))
            throw new PackedFormatException(
                "The packed indices are of another shape: samples and channels of dY and dX differ.");
        RequireReach(layout.Window, x[2..], y[2..]);
        var grid = new PoolingGrid(layout.Window, x[2..], y[2..]);
        var codes = packed + IndexLayout.HeaderSize;
        switch (type)
        {
            case ElementType.Float32: Run((float*)dY, (float*)dX, layout, grid, codes, loop); break;
            case ElementType.Float64: Run((double*)dY, (double*)dX, layout, grid, codes, loop); break;
            case ElementType.Float16: Run((Half*)dY, (Half*)dX, layout, grid, codes, loop); break;
            default: Run((BFloat16*)dY, (BFloat16*)dX, layout, grid, codes, loop); break;
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

    private static void Run<T>(T* dY, T* dX, IndexLayout layout, PoolingGrid grid, byte* codes, IParallelLoop loop)
        where T : unmanaged, IAdditionOperators<T, T, T> =>
        loop.For(layout.PlaneCount, (start, end) =>
        {
            for (var number = start; number < end; number++)
            {
                var gradient = dX + number * grid.ElementCount;
                for (long i = 0; i < grid.ElementCount; i++) gradient[i] = default;
                grid.Walk(new Adding<T>(
                    dY + number * layout.PlaneElements, gradient,
                    new OffsetCodes(codes + number * layout.PlaneBytes, layout.Window.OffsetBits)));
            }
        });

    private static PackedFormatException Outside() =>
        new("The packed indices are damaged: an index lies outside the pool's input.");

    private readonly struct Adding<T>(T* dY, T* dX, OffsetCodes codes) : IPoolingVisitor
        where T : unmanaged, IAdditionOperators<T, T, T>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Visit(long window, in PoolingPatch patch)
        {
            var element = patch.ElementAt(codes.Get(window));
            if (element < 0) throw Outside();
            dX[element] += dY[window];
        }
    }
}
