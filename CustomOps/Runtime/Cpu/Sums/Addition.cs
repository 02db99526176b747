using System.Runtime.Intrinsics;

namespace OnnxActNN.CustomOps.Cpu.Sums;

/// <summary>C = A + B for float32, element by element: the same bits as ONNX Runtime's Add and Sum.</summary>
internal static unsafe class Addition
{
    /// <summary>Elements that one thread does at a time.</summary>
    private const int BlockElements = 4096;

    /// <summary>Adds.</summary>
    /// <param name="a">First summands.</param>
    /// <param name="b">Second summands.</param>
    /// <param name="c">Room for the sums; may be <paramref name="a"/> or <paramref name="b"/>.</param>
    /// <param name="count">Elements.</param>
    /// <param name="loop">Runs blocks of elements.</param>
    public static void Run(float* a, float* b, float* c, long count, IParallelLoop loop) =>
        loop.For(
            (count + BlockElements - 1) / BlockElements,
            (start, end) => Add(a, b, c, start * BlockElements, Math.Min(end * BlockElements, count)));

    /// <summary>Adds channels of the second summands.</summary>
    /// <param name="a">First summands.</param>
    /// <param name="b">Tensors that hold the second summands.</param>
    /// <param name="c">Room for the sums; may be <paramref name="a"/>.</param>
    /// <param name="layout">Which they are.</param>
    /// <param name="loop">Runs blocks of elements.</param>
    public static void Run(float* a, float* b, float* c, SumLayout layout, IParallelLoop loop)
    {
        for (long sample = 0; sample < layout.Samples; sample++)
        {
            var start = sample * layout.SampleElements;
            var other = b + sample * layout.OtherElements + layout.First;
            Run(a + start, other, c + start, layout.SampleElements, loop);
        }
    }

    private static void Add(float* a, float* b, float* c, long from, long to)
    {
        var i = from;
        for (; i <= to - Vector512<float>.Count; i += Vector512<float>.Count)
            (Vector512.Load(a + i) + Vector512.Load(b + i)).Store(c + i);
        for (; i < to; i++) c[i] = a[i] + b[i];
    }
}
