using FluentAssertions;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Format;

public sealed class CodeWidthsTests
{
    public static TheoryData<CodeWidth> Widths => [.. CodeWidths.All];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Every_combination_of_top_and_bottom_codes_fits_a_column_and_can_be_parted(CodeWidth width)
    {
        var (slots, levels) = (CodeWidths.SlotsPerColumn(width), (uint)CodeWidths.Levels(width));
        for (var chosen = 0; chosen < 1 << slots; chosen++)
        {
            var codes = Enumerable.Range(0, slots).Select(slot => (chosen >> slot & 1) * (levels - 1)).ToArray();
            var column = (ulong)codes.Select((code, slot) => code * (long)CodeWidths.SlotWeight(width, slot)).Sum();
            column.Should().BeLessThan(1UL << (8 * CodeWidths.ColumnBytes(width)));
            codes.Select((_, slot) => CodeWidths.CodeAt(width, (uint)column, slot)).Should()
                .Equal(codes.Select(code => (uint)code));
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void A_code_and_its_fraction_fill_16_bits_and_the_dither_has_8_or_more(CodeWidth width)
    {
        (CodeWidths.Levels(width) << CodeWidths.FractionBits(width)).Should().BeLessThanOrEqualTo(1 << 16);
        CodeWidths.FractionBits(width).Should().BeInRange(8, 16);
        CodeWidths.FromLevels(CodeWidths.Levels(width)).Should().Be(width);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void Each_element_has_a_place_of_its_own(CodeWidth width)
    {
        var (slots, columns) = (CodeWidths.SlotsPerColumn(width), CodeWidths.Columns(width, 137));
        var elements = from slot in Enumerable.Range(0, slots)
                       from column in Enumerable.Range(0, (int)columns)
                       select CodeWidths.ElementAt(slot, column, columns);
        elements.Order().Should().Equal(Enumerable.Range(0, slots * (int)columns).Select(i => (long)i));
    }

    [Fact]
    public void A_zero_exact_tensor_of_one_bit_takes_three_levels()
    {
        PackFormat.For(4, CodeWidth.OneBit, zeroExact: true).Width.Should().Be(CodeWidth.ThreeLevels);
        var twoLevels = () => new PackFormat(CodeWidth.OneBit, zeroExact: true);
        twoLevels.Should().Throw<ArgumentException>();
    }
}
