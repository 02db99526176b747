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

    [Theory]
    [InlineData(new long[] { 2, 3, 5 }, new long[] { 2, 7, 5 }, 4)]
    [InlineData(new long[] { 3, 8, 4, 5 }, new long[] { 3, 12, 4, 5 }, 0)]
    [InlineData(new long[] { 2, 2 }, new long[] { 2, 2 }, 0)]
    [InlineData(new long[] { 3, 16, 33 }, new long[] { 3, 17, 33 }, 1)]
    [InlineData(new long[] { 0, 2, 3 }, new long[] { 0, 4, 3 }, 2)]
    public void Channels_are_added_from_the_first_one_on(long[] a, long[] b, long first)
    {
        var (left, right) = (Draw(TestTensor.CountOf(a), Seed), Draw(TestTensor.CountOf(b), Seed + 1));
        var (plane, sum) = (TestTensor.CountOf(a[2..]), (float[])[.. left]);
        for (var i = 0; i < sum.Length; i++)
        {
            var (channel, place) = (i / plane, i % plane);
            var (sample, own) = (channel / a[1], channel % a[1]);
            sum[i] += right[(sample * b[1] + first + own) * plane + place];
        }
        foreach (var overwrites in new[] { false, true })
        {
            using var x = Guarded(left);
            using var y = Guarded(right);
            using var z = new GuardedBuffer(left.Length * sizeof(float));
            var written = overwrites ? x : z;
            Addition.Run(
                (float*)x.Pointer, (float*)y.Pointer, (float*)written.Pointer, SumLayout.Of(a, b, first),
                new ThreadedLoop(3));
            MemoryMarshal.Cast<byte, float>(written.Bytes).ToArray().Should().Equal(sum);
        }
    }

    [Theory]
    [InlineData(new long[] { 2, 3, 5 }, new long[] { 2, 7, 5 }, 5)]
    [InlineData(new long[] { 2, 3, 5 }, new long[] { 2, 7, 5 }, -1)]
    [InlineData(new long[] { 2, 3, 5 }, new long[] { 1, 7, 5 }, 0)]
    [InlineData(new long[] { 2, 3, 5 }, new long[] { 2, 3, 6 }, 0)]
    [InlineData(new long[] { 2, 3, 5 }, new long[] { 2, 3 }, 0)]
    [InlineData(new long[] { 3 }, new long[] { 4 }, 0)]
    public void Other_shapes_are_refused(long[] a, long[] b, long first)
    {
        var create = () => SumLayout.Of(a, b, first);
        create.Should().Throw<ArgumentException>().WithMessage("input 'A' has dimensions*");
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
