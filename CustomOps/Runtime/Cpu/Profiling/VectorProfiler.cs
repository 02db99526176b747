using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using OnnxActNN.CustomOps.Cpu.Vector;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Profiling;

/// <summary>
/// float32 by vectors of sixteen, which the compiler splits where the machine's are shorter. What is left of a group is
/// filled up with zeros, which change no sum.
/// </summary>
internal sealed unsafe class VectorProfiler : GroupProfiler
{
    private const int Width = 2 * Lanes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override double SquaresOf(void* x, in GroupSpan group)
    {
        var first = (float*)x + group.Start;
        var length = group.Length;
        var squares = Vector512<double>.Zero;
        var i = 0;
        for (; i <= length - Width; i += Width) AddSquares(Vector512.Load(first + i), ref squares);
        if (i < length) AddSquares(Rest(first + i, length - i), ref squares);
        return Total(squares);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override MeasuredGroup Measure(void* x, in GroupSpan group)
    {
        var first = (float*)x + group.Start;
        var length = group.Length;
        var (sums, squares) = (Vector512<double>.Zero, Vector512<double>.Zero);
        var (smallest, largest) = (Vector512.Create(float.PositiveInfinity), Vector512.Create(float.NegativeInfinity));
        var zeros = 0;
        var i = 0;
        for (; i <= length - Width; i += Width)
        {
            var values = Vector512.Load(first + i);
            AddSums(values, ref sums);
            AddSquares(values, ref squares);
            Extend(values, ref smallest, ref largest);
            zeros += ZerosIn(values);
        }
        if (i < length)
        {
            var values = Rest(first + i, length - i);
            AddSums(values, ref sums);
            AddSquares(values, ref squares);
            ExtendByRest(values, length - i, ref smallest, ref largest);
            zeros += ZerosIn(values) - (Width - (length - i));
        }
        return Describe(
            (SmallestOf(smallest), LargestOf(largest)), new GroupMoments(zeros, Total(sums), Total(squares)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override FineRanges PiecesOf(void* x, in GroupSpan group)
    {
        var fine = default(FineRanges);
        var first = (float*)x + group.Start;
        for (var left = group.Length; left > 0; left -= FineRanges.Piece, first += FineRanges.Piece)
        {
            var (smallest, largest) =
                (Vector512.Create(float.PositiveInfinity), Vector512.Create(float.NegativeInfinity));
            var length = Math.Min(left, FineRanges.Piece);
            var zeros = 0;
            var i = 0;
            for (; i <= length - Width; i += Width)
            {
                var values = Vector512.Load(first + i);
                Extend(values, ref smallest, ref largest);
                zeros += ZerosIn(values);
            }
            if (i < length)
            {
                var values = Rest(first + i, length - i);
                ExtendByRest(values, length - i, ref smallest, ref largest);
                zeros += ZerosIn(values) - (Width - (length - i));
            }
            fine.Add(length, zeros, SmallestOf(smallest), LargestOf(largest));
        }
        return fine;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddSums(Vector512<float> values, ref Vector512<double> sums)
    {
        sums += Vector512.WidenLower(values);
        sums += Vector512.WidenUpper(values);
    }

    /// <summary>
    /// A product is exact, so that it makes no difference whether the sum is rounded together with it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddSquares(Vector512<float> values, ref Vector512<double> squares)
    {
        var (low, high) = (Vector512.WidenLower(values), Vector512.WidenUpper(values));
        squares = Vector512.MultiplyAddEstimate(low, low, squares);
        squares = Vector512.MultiplyAddEstimate(high, high, squares);
    }

    /// <summary>NaN and infinity show in the squares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Extend(Vector512<float> values, ref Vector512<float> smallest, ref Vector512<float> largest)
    {
        smallest = Vector512.MinNative(smallest, values);
        largest = Vector512.MaxNative(largest, values);
    }

    /// <summary>The same where only so many values are the group's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ExtendByRest(
        Vector512<float> values, int count, ref Vector512<float> smallest, ref Vector512<float> largest)
    {
        var isPresent = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();
        smallest = Vector512.MinNative(smallest, Vector512.ConditionalSelect(isPresent, values, smallest));
        largest = Vector512.MaxNative(largest, Vector512.ConditionalSelect(isPresent, values, largest));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ZerosIn(Vector512<float> values) =>
        BitOperations.PopCount(Vector512.Equals(values, Vector512<float>.Zero).ExtractMostSignificantBits());

    /// <summary>Fewer elements than a vector has, and zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Rest(float* first, int count) =>
        Avx512F.IsSupported ? Avx512Lanes.LoadFirst32(first, count).AsSingle() : CopyRest(first, count);

    [SkipLocalsInit]
    private static Vector512<float> CopyRest(float* first, int count)
    {
        Vector512<float> values;
        PartialCopy.Load(first, (byte*)&values, count * sizeof(float), sizeof(Vector512<float>));
        return values;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float SmallestOf(Vector512<float> values)
    {
        var eight = Vector256.MinNative(values.GetLower(), values.GetUpper());
        var four = Vector128.MinNative(eight.GetLower(), eight.GetUpper());
        var two = Vector128.MinNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MinNative(two, Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float LargestOf(Vector512<float> values) => -SmallestOf(-values);

    /// <summary>Adds the partial sums in halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Total(Vector512<double> lanes)
    {
        var four = lanes.GetLower() + lanes.GetUpper();
        var two = four.GetLower() + four.GetUpper();
        return two[0] + two[1];
    }
}
