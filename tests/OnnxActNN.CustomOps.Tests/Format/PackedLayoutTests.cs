using FluentAssertions;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Format;

public sealed class PackedLayoutTests
{
    [Theory]
    [InlineData(new long[] { 8, 64, 28, 28 }, 784, 4, 196)]
    [InlineData(new long[] { 8, 64, 14, 14 }, 196, 1, 196)]
    [InlineData(new long[] { 8, 64, 7, 7 }, 49, 1, 49)]
    [InlineData(new long[] { 8, 64, 3, 3 }, 576, 3, 192)]
    [InlineData(new long[] { 8, 64, 1, 1 }, 64, 1, 64)]
    [InlineData(new long[] { 4, 128, 768 }, 768, 3, 256)]
    [InlineData(new long[] { 32, 10 }, 320, 2, 160)]
    [InlineData(new long[] { 1000 }, 1000, 4, 250)]
    [InlineData(new long[] { }, 1, 1, 1)]
    public void Groups_keep_to_a_row(long[] dims, long row, long groupsPerRow, int length)
    {
        var layout = PackedLayout.Create(dims, PackFormat.For(dims.Length, CodeWidth.TwoBits, zeroExact: true));
        layout.RowLength.Should().Be(row);
        layout.GroupsPerRow.Should().Be(groupsPerRow);
        layout.Group(0).Length.Should().Be(length);
    }

    [Fact]
    public void Groups_follow_each_other_without_gap_and_fill_the_buffer()
    {
        foreach (var format in Formats())
        {
            long[] dims = [3, 5, 7, 41];
            var layout = PackedLayout.Create(dims, format);
            var (start, offset) = (0L, layout.CodesOffset);
            for (var i = 0L; i < layout.GroupCount; i++)
            {
                var group = layout.Group(i);
                group.Start.Should().Be(start);
                group.CodeOffset.Should().Be(offset);
                group.Length.Should().BeInRange(1, format.GroupSize);
                (start / layout.RowLength).Should().Be((start + group.Length - 1) / layout.RowLength, "of one row");
                start += group.Length;
                offset += CodeWidths.CodeBytes(format.Width, group.Length);
            }

            start.Should().Be(layout.ElementCount);
            offset.Should().Be(layout.TotalBytes);
        }
    }

    [Fact]
    public void Flat_groups_are_exact_and_the_last_of_a_sample_is_short()
    {
        var format = new PackFormat(CodeWidth.TwoBits, false) { Layout = GroupLayout.Flat, GroupSize = 256 };
        var layout = PackedLayout.Create([4, 3, 200], format);
        Enumerable.Range(0, 4).Select(i => layout.Group(i).Length).Should().Equal(256, 256, 88, 256);
        layout.RowLength.Should().Be(600);
    }

    [Fact]
    public void Sizes_are_those_of_the_documented_example()
    {
        // 64 bytes of header, 2 of metadata and 49 of codes for each of 512 planes.
        var plane = PackFormat.For(4, CodeWidth.TwoBits, zeroExact: true);
        PackedLayout.BytesOf([8, 64, 14, 14], plane).Should().Be(64 + 512 * (2 + 49));
        var eightBit = plane with { Metadata = MetadataFormat.EightBits };
        PackedLayout.BytesOf([8, 64, 14, 14], eightBit).Should().Be(64 + 512 * (1 + 49) + 512 / 16);
    }

    [Fact]
    public void Tensors_of_more_than_2_to_the_31_elements_are_laid_out_in_64_bits()
    {
        var layout = PackedLayout.Create([1L << 20, 3, 1000], PackFormat.For(3, CodeWidth.TwoBits, false));
        layout.ElementCount.Should().Be(3_145_728_000);
        var last = layout.Group(layout.GroupCount - 1);
        (last.Start + last.Length).Should().Be(layout.ElementCount);
        (last.CodeOffset + CodeWidths.CodeBytes(CodeWidth.TwoBits, last.Length)).Should().Be(layout.TotalBytes);
    }

    [Fact]
    public void Empty_tensors_have_a_header_alone()
    {
        foreach (var format in Formats())
            PackedLayout.BytesOf([4, 0, 7, 7], format).Should().Be(PackedHeader.Size);
    }

    [Theory]
    [InlineData(ElementType.Float32, new long[] { 8, 64, 14, 14 }, true)]
    [InlineData(ElementType.Float16, new long[] { 8, 64, 14, 14 }, true)]
    [InlineData(ElementType.Float32, new long[] { 8, 4 }, false)]
    [InlineData(ElementType.Float32, new long[] { 0 }, false)]
    public void A_tensor_is_packed_when_less_than_half_is_left(ElementType type, long[] dims, bool isWorthIt) =>
        PackedLayout.IsWorthPacking(dims, type, PackFormat.For(dims.Length, CodeWidth.TwoBits, false))
            .Should().Be(isWorthIt);

    [Fact]
    public void Dimensions_and_axes_that_make_no_sense_are_refused()
    {
        var format = PackFormat.For(2, CodeWidth.TwoBits, false);
        var negative = () => PackedLayout.Create([2, -1], format);
        var axis = () => PackedLayout.Create([2, 2], format with { GroupAxis = 2 });
        var overflow = () => PackedLayout.Create([long.MaxValue, 2], format);
        negative.Should().Throw<ArgumentOutOfRangeException>();
        axis.Should().Throw<ArgumentOutOfRangeException>();
        overflow.Should().Throw<OverflowException>();
    }

    private static IEnumerable<PackFormat> Formats() =>
        from width in CodeWidths.All
        from layout in Enum.GetValues<GroupLayout>()
        from metadata in Enum.GetValues<MetadataFormat>()
        from groupSize in new[] { 1, 7, 40, 256 }
        select new PackFormat(width, false) { Layout = layout, Metadata = metadata, GroupSize = groupSize };
}
