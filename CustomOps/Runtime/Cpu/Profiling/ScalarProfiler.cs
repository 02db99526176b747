using OnnxActNN.CustomOps.Cpu.Elements;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Profiling;

/// <summary>The reference: one element after the other.</summary>
internal sealed unsafe class ScalarProfiler<TElement> : GroupProfiler
    where TElement : struct, IScalarElement
{
    public override GroupMoments Measure(void* x, in GroupSpan group)
    {
        Span<double> sums = stackalloc double[Lanes];
        Span<double> squares = stackalloc double[Lanes];
        sums.Clear();
        squares.Clear();
        long zeros = 0;
        for (var i = 0; i < group.Length; i++)
        {
            double value = TElement.Read(x, group.Start + i);
            zeros += value == 0 ? 1 : 0;
            sums[i % Lanes] += value;
            squares[i % Lanes] += value * value;
        }
        return new GroupMoments(zeros, Total(sums), Total(squares));
    }

    public override MeasuredGroup MeasureRanges(void* x, in GroupSpan group, bool withPieces, out FineRanges fine)
    {
        var range = EmptyRange;
        fine = default;
        var zerosInAll = 0;
        for (var start = 0; start < group.Length; start += FineRanges.Piece)
        {
            var piece = EmptyRange;
            var (end, zeros) = (Math.Min(start + FineRanges.Piece, group.Length), 0);
            for (var i = start; i < end; i++)
            {
                var value = TElement.Read(x, group.Start + i);
                piece = (Math.Min(piece.Minimum, value), Math.Max(piece.Maximum, value));
                zeros += value == 0 ? 1 : 0;
            }
            if (withPieces) fine.Add(end - start, zeros, piece.Minimum, piece.Maximum);
            range = (Math.Min(range.Minimum, piece.Minimum), Math.Max(range.Maximum, piece.Maximum));
            zerosInAll += zeros;
        }
        if (withPieces) fine.End(range.Minimum, range.Maximum, group.Length, zerosInAll);
        return Describe(range, Measure(x, group));
    }
}
