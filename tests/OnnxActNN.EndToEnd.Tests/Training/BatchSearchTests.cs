using CsCheck;
using FluentAssertions;
using OnnxActNN.Training.Batches;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Training;

/// <summary>The search for the largest batch, on memory that is a straight line or nearly one.</summary>
public sealed class BatchSearchTests
{
    private const long PerSample = 1000;
    private const long Constant = 50_000;

    [Fact]
    public void The_largest_batch_is_found_whatever_it_is_and_wherever_the_search_begins() =>
        Gen.Select(Gen.Long[0, 3000], Gen.Long[1, 5000], Gen.Double[0.2, 5]).Sample((largest, first, error) =>
        {
            var search = new BatchSearch(Memory(largest), Limit(largest), error * PerSample);
            var found = search.Find(first);
            found.Should().BeInRange(largest - largest / 100, largest);
            search.Trials.Select(trial => trial.Batch).Should()
                .OnlyHaveUniqueItems().And.OnlyContain(batch => batch > 0);
            search.Trials.Should().Contain(trial => !trial.Fits && trial.Batch <= found + Math.Max(1, found / 100));
        });

    [Theory]
    [InlineData(8, 2)]
    [InlineData(63, 16)]
    [InlineData(1484, 400)]
    public void A_good_guess_takes_few_trials(long largest, long first)
    {
        var search = new BatchSearch(Memory(largest), Limit(largest), 0.9 * PerSample);
        search.Find(first);
        search.Trials.Should().HaveCountLessThanOrEqualTo(7);
    }

    [Fact]
    public void What_measures_no_memory_is_found_in_strides()
    {
        var search = new BatchSearch(
            batch => new BatchTrial(batch, batch <= 77, null, null, null), limit: 0, bytesPerSample: 1);
        search.Find(1).Should().Be(77);
        search.Trials.Should().HaveCountLessThanOrEqualTo(20);
    }

    private static Func<long, BatchTrial> Memory(long largest) => batch => batch <= largest
        ? new BatchTrial(batch, Fits: true, batch * PerSample, Constant + batch * PerSample, Reason: null)
        : new BatchTrial(batch, Fits: false, null, null, "std::bad_alloc");

    private static long Limit(long largest) => Constant + largest * PerSample;
}
