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
}
