using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxActNN.Benchmarks.Kernels;

/// <summary>
/// What the memory can do at most: reading every byte for a sum, and filling every byte, both by vectors.
/// </summary>
internal static unsafe class Bandwidth
{
    private const int VectorsPerStep = 4;

    /// <summary>The sum of a buffer's floats; returned so that the reading cannot be left out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Read(NativeBuffer buffer)
    {
        var step = VectorsPerStep * Vector512<float>.Count;
        var (a, b, c, d) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        var count = buffer.Bytes / sizeof(float);
        var p = (float*)buffer.Pointer;
        for (long i = 0; i + step <= count; i += step)
        {
            a += Vector512.Load(p + i);
            b += Vector512.Load(p + i + Vector512<float>.Count);
            c += Vector512.Load(p + i + 2 * Vector512<float>.Count);
            d += Vector512.Load(p + i + 3 * Vector512<float>.Count);
        }

        return Vector512.Sum(a + b + c + d);
    }

    /// <summary>Fills a buffer, through the cache as a kernel does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(NativeBuffer buffer)
    {
        var step = VectorsPerStep * Vector512<float>.Count;
        var value = Vector512.Create(1.5f);
        var count = buffer.Bytes / sizeof(float);
        var p = (float*)buffer.Pointer;
        for (long i = 0; i + step <= count; i += step)
        {
            value.Store(p + i);
            value.Store(p + i + Vector512<float>.Count);
            value.Store(p + i + 2 * Vector512<float>.Count);
            value.Store(p + i + 3 * Vector512<float>.Count);
        }
    }
}
