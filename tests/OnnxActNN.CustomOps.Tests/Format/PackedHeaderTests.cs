using FluentAssertions;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Format;

public sealed class PackedHeaderTests
{
    [Fact]
    public void A_header_is_read_as_it_was_written()
    {
        foreach (var width in CodeWidths.All)
        {
            var format = new PackFormat(width, width != CodeWidth.OneBit)
            {
                GroupAxis = -2,
                GroupSize = 77,
                Layout = GroupLayout.Flat,
                Metadata = MetadataFormat.EightBits,
                Rounding = RoundingMode.Stochastic,
            };
            var layout = PackedLayout.Create([3, 100, 9], format);
            var key = new PackKey(long.MinValue, long.MaxValue, -1);
            var header = PackedHeader.Create(ElementType.BFloat16, layout, key);
            var bytes = new byte[PackedHeader.Size];
            header.Write(bytes);
            PackedHeader.Read(bytes).Should().Be(header);
            PackedHeader.Read(bytes).LayoutFor([3, 100, 9], layout.TotalBytes).TotalBytes.Should()
                .Be(layout.TotalBytes);
        }
    }

    [Fact]
    public void A_squared_grid_stands_in_the_header_and_only_where_it_makes_sense()
    {
        var format = new PackFormat(CodeWidth.FourBits, false)
        {
            Grid = CodeGrid.Squared,
            Rounding = RoundingMode.Stochastic,
        };
        var layout = PackedLayout.Create([3, 100], format);
        var bytes = new byte[PackedHeader.Size];
        PackedHeader.Create(ElementType.Float32, layout, new PackKey(1, 2, 3)).Write(bytes);
        bytes[11].Should().Be(1);
        PackedHeader.Read(bytes).Format.Should().Be(format);
        layout.TotalBytes.Should().Be(64 + 3 * (2 + 50), "groups have no minimum");

        bytes[8] = (byte)RoundingMode.Dither;
        var dithered = () => PackedHeader.Read(bytes);
        dithered.Should().Throw<PackedFormatException>();
        PackFormat[] contradictions =
        [
            format with { Rounding = RoundingMode.Dither },
            new(CodeWidth.FourBits, true) { Grid = CodeGrid.Squared },
        ];
        foreach (var wrong in contradictions)
        {
            var layOut = () => PackedLayout.Create([3, 100], wrong);
            layOut.Should().Throw<ArgumentException>();
        }
    }

    [Fact]
    public void The_bytes_are_the_documented_ones()
    {
        var format = new PackFormat(CodeWidth.ThreeLevels, true) { GroupAxis = 2, GroupSize = 256 };
        var layout = PackedLayout.Create([2, 3, 4, 5], format);
        var bytes = new byte[PackedHeader.Size];
        PackedHeader.Create(ElementType.Float32, layout, new PackKey(1, 2, 3)).Write(bytes);
        bytes[..24].Should().Equal(
            (byte)'O', (byte)'A', (byte)'N', (byte)'P', 2, 1, 16, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0);
        BitConverter.ToInt64(bytes, 24).Should().Be(1);
        BitConverter.ToInt64(bytes, 32).Should().Be(2);
        BitConverter.ToInt64(bytes, 40).Should().Be(3);
        BitConverter.ToInt64(bytes, 48).Should().Be(120);
        BitConverter.ToInt64(bytes, 56).Should().Be(layout.TotalBytes);
    }
}
