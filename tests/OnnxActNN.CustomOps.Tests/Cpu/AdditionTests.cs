using System.Runtime.InteropServices;
using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Sums;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>The sum of two tensors, with and without a buffer of its own.</summary>
public sealed unsafe class AdditionTests
{
    private const int Seed = 5;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(3 * 4096 + 31)]
    public void Every_element_is_the_sum(int count)
    {
        var (first, second) = (Draw(count, Seed), Draw(count, Seed + 1));
        if (count > 20) (first[3], second[7], first[11], second[11]) = (float.NaN, float.PositiveInfinity, -0f, -0f);
        var expected = first.Zip(second, (a, b) => a + b).Select(BitConverter.SingleToInt32Bits).ToArray();
        foreach (IParallelLoop loop in new IParallelLoop[] { SerialLoop.Instance, new ThreadedLoop(3) })
        {
            foreach (var target in new[] { 0, 1, 2 })
            {
                using var a = Guarded(first);
                using var b = Guarded(second);
                using var c = new GuardedBuffer(count * sizeof(float));
                var written = new[] { a, b, c }[target];
                Addition.Run((float*)a.Pointer, (float*)b.Pointer, (float*)written.Pointer, count, loop);
                MemoryMarshal.Cast<byte, int>(written.Bytes).ToArray().Should().Equal(expected);
            }
        }
    }

    private static float[] Draw(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
    }

    private static GuardedBuffer Guarded(float[] values)
    {
        var buffer = new GuardedBuffer(values.Length * sizeof(float));
        MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(buffer.Bytes);
        return buffer;
    }
}
