using CsCheck;
using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Tests.Format;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>
/// What groups are ranked by: range, range within the channel, sample; the size and the readers are the same.
/// </summary>
public sealed class WidthOrderTests
{
    /// <summary>Scores are told apart to a 64th.</summary>
    private const double Resolution = 1 + 1.0 / 64 + 1e-6;

    private static readonly Gen<WidthOrder> s_orders = Gen.Int[0, 3].Select(order => (WidthOrder)order);

    /// <summary>Samples, channels and the two sides of a plane, smaller than a row and larger than a group.</summary>
    private static readonly Gen<long[]> s_dims = Gen
        .Select(Gen.Long[1, 9], Gen.Long[1, 5], Gen.Long[1, 12], Gen.Long[1, 12])
        .Select((n, c, h, w) => new[] { n, c, h, w });

    [Fact]
    public void Every_tier_and_number_of_threads_gives_the_reference_bits_in_as_many_bytes_as_any_order() =>
        Gen.Select(s_orders, WidthSharesTests.Ordered, s_dims, Gen.Int[1, 3], Gen.Int[0, 7], Gen.Int[0, 1 << 20])
            .Sample((order, shares, dims, axis, kind, seed) =>
        {
            var format = FormatOf(kind) with { GroupAxis = axis, Shares = shares, Order = order };
            var type = Enum.GetValues<ElementType>()[kind % 4];
            var x = TestTensor.ToBytes(Draw(dims, seed), type);
            var packed = TestCodec.Pack(KernelTier.Scalar, type, x, dims, format, TestCodec.Key);
            packed.Length.Should().Be((int)PackedLayout.BytesOf(dims, format with { Order = WidthOrder.Range }));
            var y = TestCodec.Unpack(KernelTier.Scalar, type, packed, dims);
            foreach (var tier in Enum.GetValues<KernelTier>().Where(KernelTiers.IsSupported))
            {
                TestCodec.Pack(tier, type, x, dims, format, TestCodec.Key, new ThreadedLoop(3)).Should().Equal(packed);
                TestCodec.Unpack(tier, type, packed, dims, loop: new ThreadedLoop(3)).Should().Equal(y);
            }
        }, iter: 400);

    [Fact]
    public void No_group_of_a_narrower_class_has_a_larger_score() =>
        Gen.Select(s_orders, WidthSharesTests.Ordered, s_dims, Gen.Int[0, 1 << 20])
            .Sample((order, shares, dims, seed) =>
        {
            if (shares.IsUniform) return;
            var format = Planes(shares, order);
            var values = Draw(dims, seed);
            var scores = Scores(values, dims, format);
            var classes = ClassesOf(values, dims, format);
            // Ranges of the first order are told apart to an eighth.
            var resolution = order == WidthOrder.Range ? Math.Pow(1.126, 2) : Resolution;
            var least = Math.Pow(2, -15);
            for (var left = 0; left < scores.Length; left++)
            {
                for (var right = 0; right < scores.Length; right++)
                {
                    if (classes[left] >= classes[right]) continue;
                    var most = Math.Max(scores[right] * resolution, least);
                    scores[left].Should().BeLessThanOrEqualTo(most, "{0}", order);
                }
            }
        }, iter: 300);

    [Fact]
    public void The_size_of_a_channel_changes_no_relative_order()
    {
        foreach (var order in (WidthOrder[])[WidthOrder.RelativeRange, WidthOrder.RelativeSample])
        {
            long[] dims = [12, 4, 8, 8];
            var format = Planes(new WidthShares(190, 90, 30), order);
            var values = Draw(dims, seed: 3);
            var before = ClassesOf(values, dims, format);
            before.Distinct().Should().HaveCount(WidthShares.Classes);
            for (var i = 0; i < values.Length; i++) values[i] = Math.ScaleB(values[i], 5 * (i / 64 % 4) - 9);
            ClassesOf(values, dims, format).Should().Equal(before, "{0}", order);
            ClassesOf(values, dims, format with { Order = WidthOrder.Range }).Should().NotEqual(before);
        }
    }

    [Theory]
    [InlineData(WidthOrder.Sample)]
    [InlineData(WidthOrder.RelativeSample)]
    public void The_groups_of_a_sample_have_one_width_but_where_a_class_ends_within_it(WidthOrder order) =>
        Gen.Select(WidthSharesTests.Ordered, s_dims, Gen.Int[0, 1 << 20]).Sample((shares, dims, seed) =>
        {
            if (shares.IsUniform) return;
            var format = Planes(shares, order);
            var layout = PackedLayout.Create(dims, format);
            if (layout.RowLength > layout.ElementCount / dims[0]) return;
            var samples = ClassesOf(Draw(dims, seed), dims, format).Chunk((int)(layout.GroupCount / dims[0])).ToList();
            var split = samples.Where(classes => classes.Distinct().Count() > 1).ToList();
            var perSample = layout.GroupCount / dims[0];
            var ends = Enumerable.Range(1, WidthShares.Classes - 1)
                .Count(index => shares.AtLeast(index, layout.GroupCount) % perSample != 0);
            split.Count.Should().BeLessThanOrEqualTo(ends);
            // A split sample begins with the wider ones.
            foreach (var classes in split) classes.Should().BeInDescendingOrder();
        }, iter: 300);

    [Fact]
    public void Shares_of_whole_samples_split_none()
    {
        long[] dims = [5, 3, 8, 8];
        var classes = ClassesOf(Draw(dims, seed: 8), dims, Planes(new WidthShares(204, 102, 51), WidthOrder.Sample));
        var samples = classes.Chunk(3).ToList();
        samples.Should().OnlyContain(own => own.Distinct().Count() == 1);
        samples.Select(own => own[0]).Order().Should().Equal(0, 1, 1, 2, 3);
    }

    [Fact]
    public void Where_groups_do_not_lie_in_channels_the_whole_tensor_is_one()
    {
        var planes = Planes(new WidthShares(127, 40, 3), WidthOrder.RelativeRange);
        foreach (var (dims, format, same) in ((long[], PackFormat, long[])[])
            [([40, 64], planes with { GroupAxis = 1 }, [40, 1, 8, 8]),
            ([8, 4, 4, 4], planes with { GroupAxis = 1 }, [8, 1, 8, 8]),
            ([8, 4, 8, 8], planes with { Layout = GroupLayout.Flat }, [32, 1, 8, 8])])
        {
            var values = Draw(dims, seed: 4);
            var layout = PackedLayout.Create(dims, format);
            (layout.Channels, layout.ChannelElements).Should().Be((1, layout.ElementCount));
            ClassesOf(values, dims, format).Should().Equal(ClassesOf(values, same, planes));
        }
    }

    [Fact]
    public void Groups_of_one_value_come_last_and_groups_that_are_not_finite_or_wider_than_float32_disturb_no_other()
    {
        long[] dims = [6, 2, 8, 8];
        foreach (var order in Enum.GetValues<WidthOrder>())
        {
            var format = Planes(new WidthShares(170, 0, 0), order);
            var values = Draw(dims, seed: 5);
            values.AsSpan(5 * 128, 128).Fill(0.25);
            var classes = ClassesOf(values, dims, format);
            classes.Count(each => each > 0).Should().Be(8);
            classes[10..].Should().Equal([0, 0], "the last sample has no range, by {0}", order);
            values[7] = double.NaN;
            if (!order.IsOfSamples()) ClassesOf(values, dims, format)[0].Should().Be(0, "by {0}", order);
            ClassesOf(values, dims, format)[10..].Should().Equal([0, 0], "by {0}", order);
            (values[3 * 128], values[3 * 128 + 1]) = (float.MaxValue, -float.MaxValue);
            ClassesOf(values, dims, format)[6].Should().Be(1, "it is the widest of all, by {0}", order);
            ClassesOf(new double[values.Length], dims, format).Should().Equal(1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0);
        }
    }

    [Fact]
    public void The_header_does_not_tell_the_order_and_its_free_byte_stays_0()
    {
        var header = new byte[PackedHeader.Size];
        var layout = PackedLayout.Create([4, 3, 8, 8], Planes(new WidthShares(3, 2, 1), WidthOrder.RelativeSample));
        PackedHeader.Create(ElementType.Float32, layout, default).Write(header);
        header[23].Should().Be(0);
        PackedHeader.Read(header).Format.Order.Should().Be(WidthOrder.Range);
        foreach (var value in Enumerable.Range(1, 255))
        {
            header[23] = (byte)value;
            var read = () => PackedHeader.Read(header);
            read.Should().Throw<PackedFormatException>();
        }
    }

    [Fact]
    public void The_attribute_is_one_of_four_words()
    {
        foreach (var order in Enum.GetValues<WidthOrder>())
            PackAttributes.OrderFrom(PackAttributes.TextOf(order)).Should().Be(order);
        var read = () => PackAttributes.OrderFrom("samples");
        read.Should().Throw<ArgumentException>()
            .WithMessage("*\"range\" or \"relative_range\" or \"sample\" or \"relative_sample\"*");
    }

    private static PackFormat Planes(WidthShares shares, WidthOrder order) =>
        new(CodeWidth.OneBit, zeroExact: false) { GroupAxis = 2, GroupSize = 64, Shares = shares, Order = order };

    private static PackFormat FormatOf(int kind)
    {
        var zeroExact = kind % 2 != 0;
        return new PackFormat(zeroExact ? CodeWidth.ThreeLevels : CodeWidth.OneBit, zeroExact)
        {
            GroupSize = 33,
            Metadata = kind / 2 % 2 == 0 ? MetadataFormat.BFloat16 : MetadataFormat.EightBits,
            Layout = kind < 6 ? GroupLayout.Row : GroupLayout.Flat,
        };
    }

    /// <summary>The class of each group.</summary>
    private static int[] ClassesOf(double[] values, long[] dims, PackFormat format)
    {
        var x = TestTensor.ToBytes(values, ElementType.Float32);
        var packed = TestCodec.Pack(KernelTiers.Current, ElementType.Float32, x, dims, format, TestCodec.Key);
        return [.. Enumerable.Range(0, (int)PackedLayout.Create(dims, format).GroupCount)
            .Select(group => packed[PackedLayout.TableOffset + group / 4] >> (2 * (group % 4)) & 3)];
    }

    /// <summary>The squared range of each group, or what its order makes of it, as the documentation has it.</summary>
    private static double[] Scores(double[] values, long[] dims, PackFormat format)
    {
        var layout = PackedLayout.Create(dims, format);
        var groups = Enumerable.Range(0, (int)layout.GroupCount).Select(group => layout.Group(group)).ToList();
        double[] scores = [.. groups.Select(span =>
        {
            var own = values.Skip((int)span.Start).Take(span.Length).Select(value => (float)value).ToList();
            return Math.Pow(own.Max() - own.Min(), 2);
        })];
        if (format.Order.IsRelative()) DivideByMean(scores, [.. groups.Select(span => layout.ChannelOf(span))]);
        else if (format.Order.IsOfSamples()) DivideByMean(scores, new long[scores.Length]);
        if (!format.Order.IsOfSamples()) return scores;
        var samples = groups.Select(span => layout.SampleOf(span)).ToList();
        return [.. samples.Select(sample => Enumerable.Range(0, scores.Length).Where(group => samples[group] == sample)
            .Sum(group => groups[group].Length * scores[group]) / (layout.ElementCount / dims[0]))];
    }

    private static void DivideByMean(double[] scores, long[] channels)
    {
        foreach (var channel in channels.Distinct())
        {
            var own = Enumerable.Range(0, scores.Length).Where(group => channels[group] == channel).ToList();
            var mean = own.Average(group => scores[group]);
            foreach (var group in own) scores[group] = mean > 0 ? scores[group] / mean : 0;
        }
    }

    /// <summary>Samples and channels of different spreads.</summary>
    private static double[] Draw(long[] dims, int seed)
    {
        var count = TestTensor.CountOf(dims);
        var values = TestTensor.Draw(count, isRelu: false, seed);
        var random = new Random(seed);
        var channels = new double[count / dims[0]];
        foreach (ref var channel in channels.AsSpan()) channel = Math.Pow(2, 4 * random.NextDouble());
        var plane = TestTensor.CountOf(dims.Skip(2));
        double scale = 1;
        for (long i = 0; i < count; i++)
        {
            if (i % plane == 0) scale = Math.Pow(2, 3 * random.NextDouble()) * channels[i / plane % dims[1]];
            values[i] *= scale;
        }
        return values;
    }
}
