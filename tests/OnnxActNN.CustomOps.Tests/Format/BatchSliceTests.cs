using FluentAssertions;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Format;

public sealed class BatchSliceTests
{
    [Fact]
    public void Each_sample_is_in_one_slice_and_none_is_without_samples()
    {
        for (var samples = 1; samples <= 13; samples++)
        {
            for (var count = 1; count <= 17; count++)
            {
                var spans = Enumerable.Range(0, count).Select(index => BatchSlice.Create(index, count).Of(samples))
                    .ToList();
                spans.Where(span => !span.IsEmpty)
                    .SelectMany(span => Enumerable.Range((int)span.First, (int)span.Count))
                    .Should().Equal(Enumerable.Range(0, samples), "{0} samples, {1} slices", samples, count);
                spans.Should().OnlyContain(
                    span => span.Count >= 1 && span.First >= 0 && span.First + span.Count <= samples);
                spans.Where(span => span.IsEmpty && span.Count != 1).Should().BeEmpty();
                spans.Count(span => span.IsEmpty).Should().Be(Math.Max(0, count - samples));
                spans.Max(span => span.Count).Should().Be((samples + count - 1) / count);
            }
        }
    }

    [Fact]
    public void Elements_and_dimensions_are_those_of_the_samples()
    {
        var slice = BatchSlice.Create(1, 3);
        slice.DimensionsOf([7, 2, 5]).Should().Equal(2, 2, 5);
        slice.ElementsOf([7, 2, 5]).Should().Be((20L, 40L));
        slice.ElementsOf([0, 2, 5]).Should().Be((0L, 0L));
        slice.ElementsOf([7, 0]).Should().Be((0L, 0L));
        BatchSlice.Whole.ElementsOf([]).Should().Be((0L, 1L));
        BatchSlice.Create(3, 4).Of(long.MaxValue).Should()
            .Be(new SampleSpan(6917529027641081855, 2305843009213693952, IsEmpty: false));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 3)]
    [InlineData(3, 3)]
    public void A_slice_that_is_not_there_is_refused(long index, long count)
    {
        var create = () => BatchSlice.Create(index, count);
        create.Should().Throw<ArgumentException>().WithMessage("*slice_index*slice_count*");
    }

    [Fact]
    public void A_scalar_has_no_samples()
    {
        var cut = () => BatchSlice.Create(0, 2).DimensionsOf([]);
        cut.Should().Throw<ArgumentException>().WithMessage("*scalar*");
    }
}
