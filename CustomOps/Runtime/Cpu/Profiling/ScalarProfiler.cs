using OnnxActNN.CustomOps.Cpu.Elements;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Profiling;

/// <summary>The reference: one element after the other.</summary>
internal sealed unsafe class ScalarProfiler<TElement> : GroupProfiler
    where TElement : struct, IScalarElement
{
    public override double SquaresOf(void* x, in GroupSpan group)
    {
        Span<double> squares = stackalloc double[Lanes];
        squares.Clear();
        for (var i = 0; i < group.Length; i++)
        {
            double value = TElement.Read(x, group.Start + i);
            squares[i % Lanes] += value * value;
        }
        return Total(squares);
    }

    public override MeasuredGroup Measure(void* x, in GroupSpan group)
    {
        Span<double> sums = stackalloc double[Lanes];
        sums.Clear();
        for (var i = 0; i < group.Length; i++) sums[i % Lanes] += TElement.Read(x, group.Start + i);
        var (minimum, maximum, zeros) = RangeOf(x, group.Start, group.Length);
        return Describe((minimum, maximum), new GroupMoments(zeros, Total(sums), SquaresOf(x, group)));
    }

    public override FineRanges PiecesOf(void* x, in GroupSpan group)
    {
        var fine = default(FineRanges);
        for (var start = 0; start < group.Length; start += FineRanges.Piece)
        {
            var length = Math.Min(FineRanges.Piece, group.Length - start);
            var (minimum, maximum, zeros) = RangeOf(x, group.Start + start, length);
            fine.Add(length, zeros, minimum, maximum);
        }
        return fine;
    }

    private static (float Minimum, float Maximum, int Zeros) RangeOf(void* x, long start, int length)
    {
        var range = (Minimum: float.PositiveInfinity, Maximum: float.NegativeInfinity, Zeros: 0);
        for (var i = start; i < start + length; i++)
        {
            var value = TElement.Read(x, i);
            range = (Math.Min(range.Minimum, value), Math.Max(range.Maximum, value),
                range.Zeros + (value == 0 ? 1 : 0));
        }
        return range;
    }

    /// <summary>Adds the partial sums in halves.</summary>
    private static double Total(Span<double> lanes)
    {
        for (var half = Lanes / 2; half > 0; half /= 2)
        {
            for (var lane = 0; lane < half; lane++) lanes[lane] += lanes[lane + half];
        }
        return lanes[0];
    }
}
