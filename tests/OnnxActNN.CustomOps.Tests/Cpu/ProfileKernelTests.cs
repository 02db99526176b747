using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Profiling;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>What the profiler measures of groups: the same bits on every tier and thread count, and what a plain loop finds.</summary>
public sealed unsafe class ProfileKernelTests
{
    private const int LongestGroup = 300;

    [Fact]
    public void Every_tier_gives_the_scalar_bits_at_every_length()
    {
        var values = Draw(LongestGroup + 3);
        foreach (var tier in Enum.GetValues<KernelTier>().Where(KernelTiers.IsSupported))
        {
            for (var length = 0; length <= LongestGroup; length++)
            {
                var group = new GroupSpan(Start: length % 3, Length: length, CodeOffset: 0);
                fixed (float* x = values)
                {
                    var expected = GroupProfiler.For(KernelTier.Scalar, ElementType.Float32).Measure(x, group);
                    GroupProfiler.For(tier, ElementType.Float32).Measure(x, group).Should().Be(expected, $"{tier} at {length}");
                }
            }
        }
    }

    [Fact]
    public void Every_tier_gives_the_scalar_ranges_at_every_length()
    {
        var values = Draw(LongestGroup + 3);
        foreach (var tier in Enum.GetValues<KernelTier>().Where(KernelTiers.IsSupported))
        {
            for (var length = 1; length <= LongestGroup; length++)
            {
                var group = new GroupSpan(Start: length % 3, Length: length, CodeOffset: 0);
                fixed (float* x = values)
                {
                    var profiler = GroupProfiler.For(tier, ElementType.Float32);
                    var expected = GroupProfiler.For(KernelTier.Scalar, ElementType.Float32).MeasureRanges(x, group, true, out var pieces);
                    profiler.MeasureRanges(x, group, false, out _).Should().Be(expected, $"{tier} at {length}");
                    profiler.MeasureRanges(x, group, true, out var found).Should().Be(expected, $"{tier} at {length}");
                    found.Should().Be(pieces, $"{tier} at {length}");
                }
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
            range = GroupProfiler.For(KernelTiers.Current, ElementType.Float32).MeasureRanges(x, new GroupSpan(0, length, 0), true, out pieces).Range;

        range.Should().Be(new GroupRange(values.Min() + 0f, values.Max() + 0f, true));
        pieces.SquaredRanges.Should().BeApproximately(Ranges(32), 1e-9);
        pieces.SquaredRangesOfPairs.Should().BeApproximately(Ranges(64), 1e-9);
        pieces.SquaredPeaks.Should().BeApproximately(Peaks(32), 1e-9);
        pieces.SquaredPeaksOfPairs.Should().BeApproximately(Peaks(64), 1e-9);

        double Ranges(int size) => values.Chunk(size).Sum(chunk => chunk.Length * Math.Pow((double)chunk.Max() - chunk.Min(), 2));

        double Peaks(int size) => values.Chunk(size).Sum(chunk => chunk.Count(value => value != 0) * Math.Pow(chunk.Max(value => Math.Abs((double)value)), 2));
    }

    [Fact]
    public void Sums_and_zeros_are_those_of_a_plain_loop()
    {
        var values = Draw(1000);
        GroupMoments moments;
        fixed (float* x = values)
            moments = GroupProfiler.For(KernelTiers.Current, ElementType.Float32).Measure(x, new GroupSpan(0, values.Length, 0));
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
            var all = ActProfile.Run(KernelTiers.Current, ElementType.Float32, x, layout, GroupSelection.All, true, SerialLoop.Instance);
            var some = ActProfile.Run(
                KernelTiers.Current, ElementType.Float32, x, layout, new GroupSelection(every, offset), true, new ThreadedLoop(3));
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
            foreach (var hasRanges in (bool[])[true, false])
            {
                var measured = ActProfile.Run(
                    KernelTiers.Current, ElementType.Float32, x, layout, GroupSelection.All, hasRanges, SerialLoop.Instance);
                measured.Select(group => group.Range.IsFinite).Should().Equal(false, true, true, true);
            }
            NonFinite.Count(ElementType.Float32, x, layout.Group(0)).Should().Be(1);
        }
    }

    /// <summary>Uneven numbers, every fifth 0, of both signs.</summary>
    private static float[] Draw(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(index =>
            index % 5 == 0 ? index % 10 == 0 ? 0f : -0f : (float)((random.NextDouble() - 0.4) * Math.Exp(random.Next(6))))];
    }
}
