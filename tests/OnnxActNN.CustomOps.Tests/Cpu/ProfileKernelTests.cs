using System.Runtime.InteropServices;
using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Profiling;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>
/// What the profiler measures of groups: the same bits on every tier and thread count, and what a plain loop finds.
/// </summary>
public sealed unsafe class ProfileKernelTests
{
    private const int LongestGroup = 300;

    [Fact]
    public void Every_tier_gives_the_scalar_bits_at_every_length()
    {
        var values = Draw(LongestGroup + 3);
        foreach (var tier in Enum.GetValues<KernelTier>().Where(KernelTiers.IsSupported))
        {
            for (var length = 1; length <= LongestGroup; length++)
            {
                var group = new GroupSpan(Start: length % 3, Length: length, CodeOffset: 0);
                fixed (float* x = values)
                {
                    var (scalar, profiler) =
                        (GroupProfiler.For(KernelTier.Scalar, ElementType.Float32),
                        GroupProfiler.For(tier, ElementType.Float32));
                    profiler.SquaresOf(x, group).Should().Be(scalar.SquaresOf(x, group), $"{tier} at {length}");
                    profiler.Measure(x, group).Should().Be(scalar.Measure(x, group), $"{tier} at {length}");
                    profiler.PiecesOf(x, group).Should().Be(scalar.PiecesOf(x, group), $"{tier} at {length}");
                }
            }
        }
    }

    /// <summary>Values all above 0 and all below: what fills up the last vector must not become an extreme.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void Nothing_beside_the_group_is_looked_at(int sign)
    {
        var values = Draw(LongestGroup).Select(value => sign * (Math.Abs(value) + 1)).ToArray();
        foreach (var tier in Enum.GetValues<KernelTier>().Where(KernelTiers.IsSupported))
        {
            for (var length = 1; length < LongestGroup; length++)
            {
                using var x = new GuardedBuffer(length * sizeof(float));
                values.AsSpan(0, length).CopyTo(MemoryMarshal.Cast<byte, float>(x.Bytes));
                var group = GroupProfiler.For(tier, ElementType.Float32)
                    .Measure(x.Pointer, new GroupSpan(0, length, 0));
                group.Range.Should()
                    .Be(new GroupRange(values[..length].Min(), values[..length].Max()), $"{tier} at {length}");
                group.Moments.Zeros.Should().Be(0);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(100)]
    [InlineData(256)]
    public void Pieces_span_what_groups_of_their_size_do(int length)
    {
        var values = Draw(length);
        FineRanges pieces;
        GroupRange range;
        fixed (float* x = values)
        {
            var layout = PackedLayout.Create(
                [length], new PackFormat(CodeWidth.TwoBits, zeroExact: false) { GroupSize = length });
            using var measured = ActProfile.Ranges(
                KernelTiers.Current, ElementType.Float32, x, layout, GroupSelection.All, SerialLoop.Instance);
            (range, pieces) = (measured.Groups[0].Range, measured.Pieces[0]);
        }

        range.Should().Be(new GroupRange(values.Min() + 0f, values.Max() + 0f));
        pieces.WholeRanges.Should().BeApproximately(Ranges(length), 1e-9);
        pieces.WholePeaks.Should().BeApproximately(Peaks(length), 1e-9);
        pieces.SquaredRanges.Should().BeApproximately(Ranges(32), 1e-9);
        pieces.SquaredRangesOfPairs.Should().BeApproximately(Ranges(64), 1e-9);
        pieces.SquaredPeaks.Should().BeApproximately(Peaks(32), 1e-9);
        pieces.SquaredPeaksOfPairs.Should().BeApproximately(Peaks(64), 1e-9);

        double Ranges(int size) =>
            values.Chunk(size).Sum(chunk => chunk.Length * Math.Pow((double)chunk.Max() - chunk.Min(), 2));

        double Peaks(int size) =>
            values.Chunk(size)
            .Sum(chunk => chunk.Count(value => value != 0) * Math.Pow(chunk.Max(value => Math.Abs((double)value)), 2));
    }

    [Fact]
    public void Sums_and_zeros_are_those_of_a_plain_loop()
    {
        var values = Draw(1000);
        GroupMoments moments;
        fixed (float* x = values)
            moments = GroupProfiler.For(KernelTiers.Current, ElementType.Float32)
                .Measure(x, new GroupSpan(0, values.Length, 0)).Moments;
        moments.Zeros.Should().Be(values.Count(value => value == 0));
        moments.Sum.Should().BeApproximately(values.Sum(value => (double)value), 1e-9);
        moments.Squares.Should().BeApproximately(values.Sum(value => (double)value * value), 1e-9);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 1)]
    [InlineData(100, 7)]
    public void Sampled_groups_are_every_nth(int every, int offset)
    {
        long[] dimensions = [2, 3, 8, 8];
        var values = Draw(2 * 3 * 8 * 8);
        var layout = PackedLayout.Create(dimensions, PackFormat.For(4, CodeWidth.EightBits, zeroExact: false));
        fixed (float* x = values)
        {
            var all = Ranges(x, layout, GroupSelection.All, SerialLoop.Instance);
            var some = Ranges(x, layout, new GroupSelection(every, offset), new ThreadedLoop(3));
            all.Should().HaveCount((int)layout.GroupCount);
            some.Should().Equal(all.Where((_, index) => index >= offset && (index - offset) % every == 0));
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void A_group_with_something_that_is_no_number_is_told_apart(float special)
    {
        var values = Draw(64);
        values[11] = special;
        var layout = PackedLayout.Create([4, 16], PackFormat.For(2, CodeWidth.EightBits, zeroExact: false));
        fixed (float* x = values)
        {
            var squares = Squares(x, layout, GroupSelection.All, SerialLoop.Instance);
            foreach (var measured in (MeasuredGroup[][])[Ranges(x, layout, GroupSelection.All, SerialLoop.Instance),
                squares])
                measured.Select(group => group.Range.IsFinite).Should().Equal(false, true, true, true);
            NonFinite.Count(ElementType.Float32, x, layout.Group(0)).Should().Be(1);
        }
    }

    private static MeasuredGroup[] Ranges(float* x, PackedLayout layout, GroupSelection selection, IParallelLoop loop)
    {
        using var measured = ActProfile.Ranges(KernelTiers.Current, ElementType.Float32, x, layout, selection, loop);
        return measured.Groups.ToArray();
    }

    private static MeasuredGroup[] Squares(float* x, PackedLayout layout, GroupSelection selection, IParallelLoop loop)
    {
        using var measured = ActProfile.Squares(KernelTiers.Current, ElementType.Float32, x, layout, selection, loop);
        return measured.Groups.ToArray();
    }

    /// <summary>Uneven numbers, every fifth 0, of both signs.</summary>
    private static float[] Draw(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(index =>
            index % 5 == 0 ? index % 10 == 0
                ? 0f
                : -0f : (float)((random.NextDouble() - 0.4) * Math.Exp(random.Next(6))))];
    }
}
