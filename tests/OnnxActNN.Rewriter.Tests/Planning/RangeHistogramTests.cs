using CsCheck;
using FluentAssertions;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.Sensitivity;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Planning;

/// <summary>Water-filling over a histogram of ranges: no other shares within the budget have a lower variance.</summary>
public sealed class RangeHistogramTests
{
    private static readonly Gen<Dictionary<int, long>> Exponents =
        Gen.Select(Gen.Int[-8, 8], Gen.Long[1, 40]).Array[1, 5].Select(pairs => pairs.DistinctBy(pair => pair.Item1).ToDictionary(pair => pair.Item1, pair => pair.Item2));

    [Fact]
    public void Shares_are_as_good_as_the_best_of_all() =>
        Gen.Select(Exponents, Gen.Long[0, 20], Gen.Double[1.1, 7], Gen.Bool).Sample((exponents, constant, bits, zeroExact) =>
        {
            var format = new PackFormat(zeroExact ? CodeWidth.ThreeLevels : CodeWidth.OneBit, zeroExact);
            if (bits < format.StoredBits) return;
            var ranges = new RangeHistogram(exponents, exponents.Values.Sum() + constant);
            var shares = ranges.Allocate(format, bits, Steps);
            var chosen = format with { Shares = shares };
            chosen.StoredBits.Should().BeLessThanOrEqualTo(bits + 1e-9);
            var variance = ranges.InverseSquaredSteps(chosen, Steps);
            // Every third share of each width; what rounding down to 255ths leaves is two of them a width, at most.
            foreach (var some in All().Where(some => (format with { Shares = some }).StoredBits <= bits - 7.0 / WidthShares.Whole * 2))
                variance.Should().BeLessThanOrEqualTo(ranges.InverseSquaredSteps(format with { Shares = some }, Steps) * (1 + 1e-9), "{0}, not {1}", shares, some);
        }, iter: 60);

    [Fact]
    public void Equal_ranges_are_one_width_and_its_neighbour()
    {
        var ranges = new RangeHistogram(new Dictionary<int, long> { [3] = 100 }, 100);
        var format = new PackFormat(CodeWidth.OneBit, zeroExact: false);
        ranges.Allocate(format, 1.5, Steps).Should().Be(new WidthShares(127, 0, 0));
        ranges.Allocate(format, 2, Steps).Should().Be(new WidthShares(255, 0, 0));
        ranges.Allocate(format, 4, Steps).Should().Be(new WidthShares(255, 255, 0));
        ranges.InverseSquaredSteps(format with { Shares = new WidthShares(255, 0, 0) }, Steps).Should().BeApproximately(1 / 9.0, 1e-12);
    }

    [Fact]
    public void A_few_wide_groups_get_what_many_narrow_ones_do_not_need()
    {
        var ranges = new RangeHistogram(new Dictionary<int, long> { [0] = 90, [5] = 10 }, 100);
        var format = new PackFormat(CodeWidth.OneBit, zeroExact: false);
        var shares = ranges.Allocate(format, 1.3, Steps);
        ((int)shares.Four).Should().BeInRange(20, 26, "a tenth of 255, less what lifts more groups from 1 bit");
        var twoBits = ranges.InverseSquaredSteps(format with { Shares = new WidthShares(255, 0, 0) }, Steps);
        ranges.InverseSquaredSteps(format with { Shares = shares }, Steps).Should().BeLessThan(twoBits / 3, "though it takes 1.3 bits in place of 2");
    }

    private static IEnumerable<WidthShares> All() =>
        from two in Steps255()
        from four in Steps255()
        where four <= two
        from eight in Steps255()
        where eight <= four
        select new WidthShares(two, four, eight);

    private static IEnumerable<byte> Steps255() => Enumerable.Range(0, 18).Select(i => (byte)(15 * i));

    private static double Steps(PackFormat format) => CodeWidths.Levels(format.Width) - (format.ZeroExact ? 2 : 1);
}
