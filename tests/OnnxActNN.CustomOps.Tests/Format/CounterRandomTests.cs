using System.Numerics;
using FluentAssertions;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Format;

/// <summary>Statistics of the random numbers. All are deterministic; thresholds are 5 standard deviations.</summary>
public sealed class CounterRandomTests
{
    private const int Words = 1 << 20;
    private const double Threshold = 5;

    [Fact]
    public void The_bits_do_not_change_between_versions()
    {
        var key = CounterRandom.GroupKey(CounterRandom.TensorKey(new PackKey(1, 2, 3)), 256);
        new[] { CounterRandom.Word(key, 0), CounterRandom.Word(key, 1), CounterRandom.Word(key, uint.MaxValue) }
            .Should().Equal(KnownWords);
    }

    [Fact]
    public void Both_halves_are_uniform()
    {
        foreach (var shift in new[] { 0, 8, 16, 24 })
        {
            var bins = new int[256];
            for (var group = 0; group < 1024; group++)
            {
                for (uint counter = 0; counter < Words / 1024; counter++)
                    bins[CounterRandom.Word(Key(0, 0, group), counter) >> shift & 255]++;
            }

            var expected = Words / 256.0;
            var chiSquare = bins.Sum(count => (count - expected) * (count - expected) / expected);
            ((chiSquare - 255) / Math.Sqrt(2 * 255)).Should().BeInRange(-Threshold, Threshold);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(13)]
    [InlineData(16)]
    [InlineData(49)]
    [InlineData(64)]
    [InlineData(65536)]
    public void Elements_of_a_group_are_independent(int lag) =>
        AssertIndependent((i, key) => (CounterRandom.Word(key, i), CounterRandom.Word(key, i + (uint)lag)));

    /// <summary>
    /// The joint distribution of the four high bits of two words, both halves, over the groups of a tensor. No hash of
    /// two multiplications is perfect here: at single distances the 256 frequencies differ by some percent from each
    /// other.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(49)]
    public void Pairs_of_words_of_a_group_are_jointly_uniform(int lag)
    {
        const int counters = 128;
        foreach (var shift in new[] { 10, 26 })
        {
            var bins = new int[256];
            for (var group = 0; group < Words / counters; group++)
            {
                var key = Key(3, 0, group);
                for (uint i = 0; i < counters; i++)
                {
                    var (x, y) = (CounterRandom.Word(key, i) >> shift, CounterRandom.Word(key, i + (uint)lag) >> shift);
                    bins[(x & 15) * 16 + (y & 15)]++;
                }
            }

            var expected = Words / 256.0;
            var deviation = Math.Sqrt(bins.Average(count => (count / expected - 1) * (count / expected - 1)));
            deviation.Should().BeLessThan(0.05, "chance alone gives {0:F3}; shift {1}", 1 / Math.Sqrt(expected), shift);
        }
    }

    /// <summary>Neighbouring pairs of a column have the two words of one counter.</summary>
    [Theory]
    [InlineData(10)]
    [InlineData(26)]
    public void The_two_words_of_a_counter_are_jointly_uniform(int shift)
    {
        const int counters = 128;
        var bins = new int[256];
        for (var group = 0; group < Words / counters; group++)
        {
            var key = Key(3, 0, group);
            for (uint i = 0; i < counters; i++)
            {
                var (x, y) = (CounterRandom.Word(key, i) >> shift, CounterRandom.OtherWord(key, i) >> shift);
                bins[(x & 15) * 16 + (y & 15)]++;
            }
        }

        var expected = Words / 256.0;
        var deviation = Math.Sqrt(bins.Average(count => (count / expected - 1) * (count / expected - 1)));
        deviation.Should().BeLessThan(0.05, "chance alone gives {0:F3}", 1 / Math.Sqrt(expected));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    public void The_two_words_of_counters_are_independent(int lag) =>
        AssertIndependent((i, key) => (CounterRandom.Word(key, i), CounterRandom.OtherWord(key, i + (uint)lag)));

    [Fact]
    public void The_two_halves_of_a_word_are_independent() =>
        AssertIndependent((i, key) =>
            (CounterRandom.Word(key, i), BitOperations.RotateLeft(CounterRandom.Word(key, i), 16)));

    [Theory]
    [InlineData(1, 0, 0, 0)]
    [InlineData(0, 1, 0, 0)]
    [InlineData(0, 0, 1, 0)]
    [InlineData(0, 0, 0, 1)]
    [InlineData(1, -1, 0, 0)]
    [InlineData(0, 1, -1, 0)]
    public void Seeds_tensors_runs_and_groups_are_independent(int seed, int tensor, int run, int group)
    {
        var x = CounterRandom.GroupKey(CounterRandom.TensorKey(new PackKey(5, 5, 5)), 256);
        var y = CounterRandom.GroupKey(
            CounterRandom.TensorKey(new PackKey(5 + seed, 5 + tensor, 5 + run)), 256 + 256 * group);
        AssertIndependent((i, _) => (CounterRandom.Word(x, i), CounterRandom.Word(y, i)));
    }

    [Fact]
    public void One_element_is_independent_from_run_to_run() =>
        AssertIndependent((i, _) => (CounterRandom.Word(Key(0, i, 0), 7), CounterRandom.Word(Key(0, i + 1, 0), 7)));

    /// <summary>
    /// The low 15 bits of the counter are all that groups of up to 2^16 elements have: two share a word.
    /// </summary>
    [Fact]
    public void Each_bit_of_the_counter_turns_over_each_bit_of_the_word_half_of_the_time()
    {
        const int samples = 20000;
        for (var bit = 0; bit < 15; bit++)
        {
            var turned = new int[32];
            for (uint i = 0; i < samples; i++)
            {
                var key = Key(0, 0, i);
                var difference = CounterRandom.Word(key, i) ^ CounterRandom.Word(key, i ^ (1u << bit));
                for (var output = 0; output < 32; output++)
                    turned[output] += (int)(difference >> output & 1);
            }

            // The mixer's own bias is below 0.01; chance alone gives 0.018 at five standard deviations.
            turned.Should().AllSatisfy(count => (count / (double)samples).Should().BeInRange(0.47, 0.53));
        }
    }

    private static uint[] KnownWords => [1851620355, 3471629760, 933180451];

    private static ulong Key(long tensor, long run, long group) =>
        CounterRandom.GroupKey(CounterRandom.TensorKey(new PackKey(42, tensor, run)), group * 256);

    /// <summary>
    /// Two tests: the words' correlation as fractions, low and high halves, and the number of bits that differ.
    /// </summary>
    private static void AssertIndependent(Func<uint, ulong, (uint X, uint Y)> pair)
    {
        var (low, high, differing) = (0.0, 0.0, 0L);
        var key = Key(1, 1, 1);
        for (uint i = 0; i < Words; i++)
        {
            var (x, y) = pair(i, key);
            low += ((x & 0xffff) - 32767.5) * ((y & 0xffff) - 32767.5);
            high += ((x >> 16) - 32767.5) * ((y >> 16) - 32767.5);
            differing += BitOperations.PopCount(x ^ y);
        }

        const double variance = 65536.0 * 65536 / 12;
        (low / variance / Math.Sqrt(Words)).Should().BeInRange(-Threshold, Threshold);
        (high / variance / Math.Sqrt(Words)).Should().BeInRange(-Threshold, Threshold);
        // Against its own halves exchanged, a word counts each difference twice: the deviation is √2 larger.
        ((differing - 16.0 * Words) / Math.Sqrt(16.0 * Words)).Should().BeInRange(-Threshold, Threshold);
    }
}
