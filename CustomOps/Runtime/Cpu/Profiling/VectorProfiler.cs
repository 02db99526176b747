using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Profiling;

/// <summary>
/// float32 by vectors of eight, which the compiler splits where the machine's are shorter; the rest of a group one by one.
/// </summary>
internal sealed unsafe class VectorProfiler : GroupProfiler
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override GroupMoments Measure(void* x, in GroupSpan group)
    {
        var first = (float*)x + group.Start;
        var sums = Vector512<double>.Zero;
        var squares = Vector512<double>.Zero;
        var negativeZeros = Vector256<int>.Zero;
        var i = 0;
        for (; i + Lanes <= group.Length; i += Lanes)
        {
            var values = Vector256.Load(first + i);
            negativeZeros += Vector256.Equals(values, Vector256<float>.Zero).AsInt32();
            var (low, high) = Vector256.Widen(values);
            var wide = Vector512.Create(low, high);
            sums += wide;
            squares += wide * wide;
        }
        Span<double> sumLanes = stackalloc double[Lanes];
        Span<double> squareLanes = stackalloc double[Lanes];
        sums.CopyTo(sumLanes);
        squares.CopyTo(squareLanes);
        long zeros = -Vector256.Sum(negativeZeros);
        for (var lane = 0; i < group.Length; i++, lane++)
        {
            double value = first[i];
            zeros += value == 0 ? 1 : 0;
            sumLanes[lane] += value;
            squareLanes[lane] += value * value;
        }
        return new GroupMoments(zeros, Total(sumLanes), Total(squareLanes));
    }
}
