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
            Add(values, ref sums, ref squares);
        }
        return Finish(first, i, group.Length, sums, squares, -Vector256.Sum(negativeZeros));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override MeasuredGroup MeasureRanges(void* x, in GroupSpan group, bool withPieces, out FineRanges fine)
    {
        var first = (float*)x + group.Start;
        var sums = Vector512<double>.Zero;
        var squares = Vector512<double>.Zero;
        var range = EmptyRange;
        long zeros = 0;
        fine = default;
        var whole = group.Length - group.Length % Lanes;
        var step = withPieces ? FineRanges.Piece : Math.Max(1, group.Length);
        for (var start = 0; start < group.Length; start += step)
        {
            var smallest = Vector256.Create(float.PositiveInfinity);
            var largest = Vector256.Create(float.NegativeInfinity);
            var negativeZeros = Vector256<int>.Zero;
            var end = Math.Min(start + step, group.Length);
            var wholeEnd = Math.Min(end, whole);
            for (var i = start; i < wholeEnd; i += Lanes)
            {
                var values = Vector256.Load(first + i);
                // NaN and infinity show in the squares.
                smallest = Vector256.MinNative(smallest, values);
                largest = Vector256.MaxNative(largest, values);
                negativeZeros += Vector256.Equals(values, Vector256<float>.Zero).AsInt32();
                Add(values, ref sums, ref squares);
            }
            var (minimum, maximum) = (SmallestOf(smallest), -SmallestOf(-largest));
            var piece = (Minimum: minimum, Maximum: maximum, Zeros: -Vector256.Sum(negativeZeros));
            for (var i = Math.Max(start, whole); i < end; i++)
            {
                piece = (Math.Min(piece.Minimum, first[i]), Math.Max(piece.Maximum, first[i]), piece.Zeros + (first[i] == 0 ? 1 : 0));
            }
            if (withPieces) fine.Add(end - start, piece.Zeros, piece.Minimum, piece.Maximum);
            range = (Math.Min(range.Minimum, piece.Minimum), Math.Max(range.Maximum, piece.Maximum));
            zeros += piece.Zeros;
        }
        if (withPieces) fine.End(range.Minimum, range.Maximum, group.Length, (int)zeros);
        return Describe(range, Finish(first, whole, group.Length, sums, squares, zeros) with { Zeros = zeros });
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector256<float> values, ref Vector512<double> sums, ref Vector512<double> squares)
    {
        var (low, high) = Vector256.Widen(values);
        var wide = Vector512.Create(low, high);
        sums += wide;
        squares += wide * wide;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float SmallestOf(Vector256<float> values)
    {
        var four = Vector128.MinNative(values.GetLower(), values.GetUpper());
        var two = Vector128.MinNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MinNative(two, Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    /// <summary>Adds the elements after the whole vectors, in the lanes that come next.</summary>
    private static GroupMoments Finish(float* first, int from, int length, Vector512<double> sums, Vector512<double> squares, long zeros)
    {
        Span<double> sumLanes = stackalloc double[Lanes];
        Span<double> squareLanes = stackalloc double[Lanes];
        sums.CopyTo(sumLanes);
        squares.CopyTo(squareLanes);
        for (var (i, lane) = (from, 0); i < length; i++, lane++)
        {
            double value = first[i];
            zeros += value == 0 ? 1 : 0;
            sumLanes[lane] += value;
            squareLanes[lane] += value * value;
        }
        return new GroupMoments(zeros, Total(sumLanes), Total(squareLanes));
    }
}
