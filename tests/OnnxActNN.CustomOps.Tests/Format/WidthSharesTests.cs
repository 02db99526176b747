using CsCheck;
using FluentAssertions;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Format;

/// <summary>
/// Bits per group: sizes that depend on dimensions and attributes alone, and parts that fill the buffer.
/// </summary>
public sealed class WidthSharesTests
{
    /// <summary>Shares in order, of a tensor of some rows.</summary>
    internal static Gen<WidthShares> Ordered { get; } = Gen.Byte.Array[3].Select(bytes =>
    {
        Array.Sort(bytes);
        return new WidthShares(bytes[2], bytes[1], bytes[0]);
    });

    [Fact]
    public void Every_group_is_in_one_section_and_the_parts_fill_the_buffer() =>
        Gen.Select(Ordered, Gen.Int[0, 40], Gen.Int[1, 300], Gen.Bool, Gen.Bool)
            .Sample((shares, rows, row, isEightBit, isFlat) =>
        {
            var format = new PackFormat(CodeWidth.OneBit, zeroExact: false)
            {
                GroupSize = 64,
                Metadata = isEightBit ? MetadataFormat.EightBits : MetadataFormat.BFloat16,
                Layout = isFlat ? GroupLayout.Flat : GroupLayout.Row,
                Shares = shares,
            };
            var layout = PackedLayout.Create([rows, row], format);
            if (shares.IsUniform) return;
            var sections = layout.Sections.ToArray();
            sections.Sum(section => section.Groups).Should().Be(layout.GroupCount);
            var metadata = layout.GroupCount * (isEightBit ? 2 : 4)
                + (isEightBit ? sections.Sum(section => section.Blocks) : 0);
            var codes = sections.Sum(section => section.Groups * section.Stride);
            layout.TotalBytes.Should().Be(PackedHeader.Size + layout.BlockCount * 4 + metadata + codes);
            (sections[^1].CodesOffset + sections[^1].Groups * sections[^1].Stride).Should().Be(layout.TotalBytes);
        });

    [Fact]
    public void No_class_has_more_groups_than_its_share() =>
        Gen.Select(Ordered, Gen.Long[0, 100_000]).Sample((shares, groups) =>
        {
            for (var index = 1; index < WidthShares.Classes; index++)
            {
                var share = shares.ToList()[index - 1];
                var exact = (Int128)groups * share;
                shares.AtLeast(index, groups).Should().Be((long)(exact / WidthShares.Whole));
                shares.AtLeast(index, groups).Should().BeLessThanOrEqualTo(shares.AtLeast(index - 1, groups));
            }
        });

    [Fact]
    public void The_header_holds_the_shares_where_zeros_were()
    {
        var format = new PackFormat(CodeWidth.OneBit, zeroExact: false) { Shares = new WidthShares(200, 60, 7) };
        var bytes = new byte[PackedHeader.Size];
        PackedHeader.Create(ElementType.Float32, PackedLayout.Create([3, 100], format), default).Write(bytes);
        bytes[20..24].Should().Equal(200, 60, 7, 0);
        PackedHeader.Read(bytes).Format.Should().Be(format);
        bytes[22] = 61;
        var unordered = () => PackedHeader.Read(bytes);
        unordered.Should().Throw<PackedFormatException>();
    }

    [Fact]
    public void An_attribute_that_is_no_shares_is_refused()
    {
        WidthShares.FromList([]).IsUniform.Should().BeTrue();
        WidthShares.FromList([255, 3, 0]).Should().Be(new WidthShares(255, 3, 0));
        foreach (long[] wrong in (long[][])[[1], [1, 2, 3], [256, 0, 0], [3, 2, -1], [3, 2, 1, 0]])
        {
            var read = () => WidthShares.FromList(wrong);
            read.Should().Throw<ArgumentException>();
        }
    }

    [Fact]
    public void Stored_bits_are_the_average_over_the_groups()
    {
        var format = new PackFormat(CodeWidth.OneBit, zeroExact: false) { Shares = new WidthShares(204, 102, 51) };
        format.StoredBits.Should().BeApproximately((51 * 1 + 102 * 2 + 51 * 4 + 51 * 8) / 255.0, 1e-12);
    }
}
