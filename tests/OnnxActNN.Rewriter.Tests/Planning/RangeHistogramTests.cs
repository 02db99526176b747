using CsCheck;
using FluentAssertions;
using OnnxActNN.Format;
using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter.Sensitivity;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Planning;

/// <summary>
/// Water-filling over a histogram of ranges: no other shares within the budget have a lower variance.
/// </summary>
public sealed class RangeHistogramTests
{
    private static readonly Gen<Dictionary<int, long>> Exponents =
        Gen.Select(Gen.Int[-8, 8], Gen.Long[1, 40]).Array[1, 5]
        .Select(pairs => pairs.DistinctBy(pair => pair.Item1).ToDictionary(pair => pair.Item1, pair => pair.Item2));

    [Fact]
    public void Shares_are_as_good_as_the_best_of_all() =>
        Gen.Select(Exponents, Gen.Long[0, 20], Gen.Double[1.1, 7], Gen.Bool)
            .Sample((exponents, constant, bits, zeroExact) =>
        {
            var format = new PackFormat(zeroExact ? CodeWidth.ThreeLevels : CodeWidth.OneBit, zeroExact);
            if (bits < format.StoredBits) return;
            var ranges = Histogram(exponents, exponents.Values.Sum() + constant);
            var shares = ranges.Allocate(format, bits, Steps);
            var chosen = format with { Shares = shares };
            chosen.StoredBits.Should().BeLessThanOrEqualTo(bits + 1e-9);
            var variance = ranges.InverseSquaredSteps(chosen, Steps);
            // Every third share of each width; what rounding down to 255ths leaves is two of them a width, at most.
            foreach (var some in All()
                .Where(some => (format with { Shares = some }).StoredBits <= bits - 7.0 / WidthShares.Whole * 2))
                variance.Should()
                    .BeLessThanOrEqualTo(
                        ranges.InverseSquaredSteps(format with { Shares = some }, Steps) * (1 + 1e-9), "{0}, not {1}",
                        shares, some);
        }, iter: 60);

    [Fact]
    public void Equal_ranges_are_one_width_and_its_neighbour()
    {
        var ranges = Histogram(new Dictionary<int, long> { [3] = 100 }, 100);
        var format = new PackFormat(CodeWidth.OneBit, zeroExact: false);
        ranges.Allocate(format, 1.5, Steps).Should().Be(new WidthShares(127, 0, 0));
        ranges.Allocate(format, 2, Steps).Should().Be(new WidthShares(255, 0, 0));
        ranges.Allocate(format, 4, Steps).Should().Be(new WidthShares(255, 255, 0));
        ranges.InverseSquaredSteps(format with { Shares = new WidthShares(255, 0, 0) }, Steps).Should()
            .BeApproximately(1 / 9.0, 1e-12);
    }

    [Fact]
    public void A_few_wide_groups_get_what_many_narrow_ones_do_not_need()
    {
        var ranges = Histogram(new Dictionary<int, long> { [0] = 90, [5] = 10 }, 100);
        var format = new PackFormat(CodeWidth.OneBit, zeroExact: false);
        var shares = ranges.Allocate(format, 1.3, Steps);
        ((int)shares.Four).Should().BeInRange(20, 26, "a tenth of 255, less what lifts more groups from 1 bit");
        var twoBits = ranges.InverseSquaredSteps(format with { Shares = new WidthShares(255, 0, 0) }, Steps);
        ranges.InverseSquaredSteps(format with { Shares = shares }, Steps).Should()
            .BeLessThan(twoBits / 3, "though it takes 1.3 bits in place of 2");
    }

    [Fact]
    public void A_bin_holds_what_is_a_quarter_of_an_octave_and_its_middle_is_within() =>
        Gen.Double[-300, 300].Sample(exponent =>
        {
            var square = Math.Pow(2, exponent);
            var middle = RangeBins.MiddleOf(RangeBins.Of(square));
            RangeBins.Of(middle).Should().Be(RangeBins.Of(square));
            (middle / square).Should().BeInRange(1 / 1.25, 1.25);
        });

    [Fact]
    public void Each_order_has_the_spread_of_what_it_ranks_by()
    {
        // Two channels, one of ranges 16 times as large; in each the second sample's squares are three times as large.
        var profile = Profile(new SampleProfile
        {
            Elements = [200, 200],
            SquaredRanges = [200 * 1.0, 200 * 3.0],
            RelativeRanges = [200 * 0.5, 200 * 1.5],
        }) with
        {
            SquaredRangeBins = new Dictionary<int, long> { [RangeBins.Of(1)] = 2, [RangeBins.Of(256)] = 2 },
            RelativeRangeBins = new Dictionary<int, long> { [RangeBins.Of(0.5)] = 2, [RangeBins.Of(1.5)] = 2 },
        };
        var half = new PackFormat(CodeWidth.OneBit, zeroExact: false) { Shares = new WidthShares(128, 0, 0) };
        double Mean(WidthOrder order) => RangeHistogram.Of(profile, order)!.InverseSquaredSteps(half, Steps);

        Mean(WidthOrder.Range).Should().BeApproximately((256 / 9.0 + 1) / 257, 0.01);
        Mean(WidthOrder.RelativeRange).Should().BeApproximately((1.5 / 9 + 0.5) / 2, 0.02);
        Mean(WidthOrder.Sample).Should().BeApproximately((3 / 9.0 + 1) / 4, 0.01);
        Mean(WidthOrder.RelativeSample).Should().BeApproximately((1.5 / 9 + 0.5) / 2, 0.01);
    }

    [Fact]
    public void Where_a_profile_does_not_tell_there_is_no_histogram()
    {
        foreach (var order in Enum.GetValues<WidthOrder>())
            RangeHistogram.Of(Profile(new SampleProfile()), order).Should().BeNull();
    }

    /// <summary>Groups by the exponent of their range.</summary>
    private static RangeHistogram Histogram(Dictionary<int, long> exponents, long groups) =>
        new(exponents.ToDictionary(pair => RangeBins.Of(Math.Pow(4, pair.Key)), pair => pair.Value), groups);

    private static TensorProfile Profile(SampleProfile samples) => new()
    {
        Name = "x",
        Role = ProfileRole.Activation,
        Dimensions = [2, 2, 10, 10],
        Runs = 1,
        TotalElements = 400,
        Elements = 400,
        Groups = 4,
        Zeros = 0,
        NonFinite = 0,
        Minimum = 0,
        Maximum = 1,
        RelativeRanges = 0,
        PeakedSums = 0,
        RangeExponents = new Dictionary<int, long>(),
        Samples = samples,
    };

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
