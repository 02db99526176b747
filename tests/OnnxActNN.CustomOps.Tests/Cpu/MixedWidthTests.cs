using CsCheck;
using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Tests.Format;
using OnnxActNN.Format;
using OnnxActNN.Training.Gradients;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>
/// Groups with widths of their own: the same bits on every tier and number of threads, each group as a pack of its
/// width alone would code it, the widest codes where the ranges are largest.
/// </summary>
public sealed class MixedWidthTests
{
    private const int Runs = 256;

    /// <summary>Of 16 projections of 8 cases one beyond 4 is to be expected now and then; beyond 5 none is.</summary>
    private const double ThresholdOfAll = 5;

    private static readonly WidthShares s_shares = new(190, 90, 30);

    private static readonly PackFormat[] s_formats =
    [
        .. from zeroExact in new[] { false, true }
           from metadata in Enum.GetValues<MetadataFormat>()
           from rounding in Enum.GetValues<RoundingMode>()
           select new PackFormat(zeroExact ? CodeWidth.ThreeLevels : CodeWidth.OneBit, zeroExact)
           {
               Metadata = metadata,
               Rounding = rounding,
               GroupSize = 50,
               Shares = s_shares,
           },
        new PackFormat(CodeWidth.OneBit, false)
        {
            Grid = CodeGrid.Squared,
            Rounding = RoundingMode.Stochastic,
            GroupSize = 50,
            Shares = s_shares,
        }, new PackFormat(CodeWidth.TwoBits, false) { GroupSize = 77, Layout = GroupLayout.Flat, Shares = s_shares },
    ];

    [Fact]
    public void Every_tier_and_number_of_threads_gives_the_reference_bits() =>
        Gen.Select(
            Gen.Int[0, s_formats.Length - 1], WidthSharesTests.Ordered, Gen.Int[1, 40], Gen.Int[1, 300], Gen.Int[0, 3],
            Gen.Int[0, 1 << 20])
            .Sample((index, shares, rows, row, type, seed) =>
        {
            var format = s_formats[index] with { Shares = shares };
            var of = Enum.GetValues<ElementType>()[type];
            long[] dims = [rows, row];
            var x = TestTensor.ToBytes(Draw(rows, row, IsPositive(format), seed), of);
            var packed = TestCodec.Pack(KernelTier.Scalar, of, x, dims, format, TestCodec.Key);
            var y = TestCodec.Unpack(KernelTier.Scalar, of, packed, dims);
            foreach (var tier in Enum.GetValues<KernelTier>().Where(KernelTiers.IsSupported))
            {
                TestCodec.Pack(tier, of, x, dims, format, TestCodec.Key, new ThreadedLoop(3)).Should().Equal(packed);
                TestCodec.Unpack(tier, of, packed, dims, loop: new ThreadedLoop(3)).Should().Equal(y);
            }
        }, iter: 300);

    [Fact]
    public void Each_group_decodes_as_a_pack_of_its_width_does()
    {
        foreach (var format in s_formats.Where(format => format.Metadata == MetadataFormat.BFloat16))
        {
            long[] dims = [37, 130];
            var x = TestTensor.ToBytes(Draw(37, 130, IsPositive(format), seed: 5), ElementType.Float32);
            var layout = PackedLayout.Create(dims, format);
            var packed = TestCodec.Pack(KernelTiers.Current, ElementType.Float32, x, dims, format, TestCodec.Key);
            var y = TestTensor.FromBytes(
                TestCodec.Unpack(KernelTiers.Current, ElementType.Float32, packed, dims), ElementType.Float32);
            var alone = CodeWidths.All.Where(width => !format.ZeroExact || width != CodeWidth.OneBit)
                .ToDictionary(width => width, width =>
            {
                var uniform = TestCodec.Pack(
                    KernelTiers.Current, ElementType.Float32, x, dims, format.Uniform(width), TestCodec.Key);
                return TestTensor.FromBytes(
                    TestCodec.Unpack(KernelTiers.Current, ElementType.Float32, uniform, dims), ElementType.Float32);
            });
            for (long group = 0; group < layout.GroupCount; group++)
            {
                var (start, length, _) = layout.Group(group);
                y.Skip((int)start).Take(length).Should()
                    .Equal(alone[format.WidthOf(ClassOf(packed, group))].Skip((int)start).Take(length));
            }
        }
    }

    [Fact]
    public void The_largest_ranges_get_the_widest_codes_and_the_budget_is_met_whatever_the_data() =>
        Gen.Select(WidthSharesTests.Ordered, Gen.Int[1, 90], Gen.Int[0, 1 << 20]).Sample((shares, rows, seed) =>
        {
            if (shares.IsUniform) return;
            var format = new PackFormat(CodeWidth.OneBit, false) { Shares = shares };
            var values = Draw(rows, 64, isPositive: false, seed);
            var packed = TestCodec.Pack(
                KernelTiers.Current, ElementType.Float32, TestTensor.ToBytes(values, ElementType.Float32), [rows, 64],
                format, TestCodec.Key);
            packed.LongLength.Should().Be(PackedLayout.BytesOf([rows, 64], format));
            var ranges = Enumerable.Range(0, rows).Select(row => RangeOf(values, row)).ToArray();
            var classes = Enumerable.Range(0, rows).Select(row => ClassOf(packed, row)).ToArray();
            for (var index = 0; index < WidthShares.Classes; index++)
                classes.Count(each => each >= index).Should().Be((int)shares.AtLeast(index, rows));
            foreach (var (range, index) in ranges.Zip(classes))
            {
                // Ranges are told apart to an eighth.
                ranges.Zip(classes).Where(other => other.Second < index).All(other => other.First < range * 1.126)
                    .Should().BeTrue();
            }
        });

    [Fact]
    public void Values_are_unbiased_and_their_variance_is_the_formula_s()
    {
        var values = Draw(40, 64, isPositive: false, seed: 9);
        foreach (var format in s_formats.Where(format => !IsPositive(format)))
        {
            double[] Decode(long run)
            {
                var packed = TestCodec.Pack(
                    KernelTiers.Current, ElementType.Float32, TestTensor.ToBytes(values, ElementType.Float32), [40, 64],
                    format, new PackKey(1, 2, run));
                return TestTensor.FromBytes(
                    TestCodec.Unpack(KernelTiers.Current, ElementType.Float32, packed, [40, 64]), ElementType.Float32);
            }
            BiasTest.LargestZOf(values, Runs, Decode).Should().BeLessThan(ThresholdOfAll, format.ToString());
            if (format.Metadata != MetadataFormat.BFloat16 || format.Rounding != RoundingMode.Dither
                || format.Layout != GroupLayout.Row)
                continue;
            var layout = PackedLayout.Create([40, 64], format);
            var table = TestCodec.Pack(
                KernelTiers.Current, ElementType.Float32, TestTensor.ToBytes(values, ElementType.Float32), [40, 64],
                format, default);
            double expected = 0;
            for (long group = 0; group < layout.GroupCount; group++)
            {
                var span = layout.Group(group);
                var own = values.Skip((int)span.Start).Take(span.Length).ToArray();
                var step = (own.Max() - own.Min()) / (CodeWidths.Levels(format.WidthOf(ClassOf(table, group))) - 1);
                expected += span.Length * step * step / 12;
            }
            var measured = Enumerable.Range(0, 100)
                .Average(run => Decode(run).Zip(values, (y, x) => (y - x) * (y - x)).Sum());
            // bfloat16 rounds a minimum down and a step up, each by a 128th at most.
            measured.Should().BeInRange(expected * 0.97, expected * 1.06);
        }
    }

    [Fact]
    public void A_group_with_NaN_decodes_to_NaN_and_leaves_the_others_alone()
    {
        var format = s_formats[0] with { GroupSize = 64 };
        var values = Draw(20, 64, isPositive: false, seed: 2);
        (values[3 * 64 + 5], values[7 * 64]) = (double.NaN, double.PositiveInfinity);
        var packed = TestCodec.Pack(
            KernelTiers.Current, ElementType.Float32, TestTensor.ToBytes(values, ElementType.Float32), [20, 64], format,
            TestCodec.Key);
        var y = TestTensor.FromBytes(
            TestCodec.Unpack(KernelTiers.Current, ElementType.Float32, packed, [20, 64]), ElementType.Float32);
        for (var row = 0; row < 20; row++) y.Skip(row * 64).Take(64).All(double.IsNaN).Should().Be(row is 3 or 7);
        (ClassOf(packed, 3), ClassOf(packed, 7)).Should().Be((0, 0));
    }

    [Fact]
    public void A_table_with_other_numbers_of_groups_is_refused()
    {
        var format = s_formats[0] with { GroupSize = 64 };
        var packed = TestCodec.Pack(
            KernelTiers.Current, ElementType.Float32,
            TestTensor.ToBytes(Draw(20, 64, isPositive: false, seed: 2), ElementType.Float32), [20, 64],
            format, TestCodec.Key);
        foreach (var bit in Enumerable.Range(0, 40))
        {
            var damaged = (byte[])packed.Clone();
            damaged[PackedLayout.TableOffset + bit / 8] ^= (byte)(1 << (bit % 8));
            var unpack = () => TestCodec.Unpack(KernelTiers.Current, ElementType.Float32, damaged, [20, 64]);
            unpack.Should().Throw<PackedFormatException>();
        }
    }

    private static bool IsPositive(PackFormat format) => format.HasStepAlone;

    private static int ClassOf(byte[] packed, long group) =>
        packed[PackedLayout.TableOffset + group / 4] >> (int)(2 * (group % 4)) & 3;

    private static double RangeOf(double[] values, int row)
    {
        var own = values.Skip(row * 64).Take(64).Select(value => (float)value).ToArray();
        return own.Max() - own.Min();
    }

    /// <summary>Rows whose spreads differ by up to 2⁶.</summary>
    private static double[] Draw(int rows, int row, bool isPositive, int seed)
    {
        var random = new Random(seed);
        var values = TestTensor.Draw(rows * row, isPositive, seed);
        for (var i = 0; i < rows; i++)
        {
            var scale = Math.Pow(2, 6 * random.NextDouble() - 3);
            foreach (ref var value in values.AsSpan(i * row, row)) value *= scale;
        }
        return values;
    }
}
