namespace OnnxActNN.Format;

/// <summary>
/// Arithmetic of the code widths. The codes of a group stand in <em>columns</em> of <see cref="ColumnBytes"/> bytes
/// with <see cref="SlotsPerColumn"/> codes each: a group of n elements has s = ceil(n / slots) columns. Slots come in
/// pairs of neighbours, 2t and 2t + 1: pair t of column c holds elements 2(t · s + c) and the one after it.
/// </summary>
public static class CodeWidths
{
    /// <summary>All widths, from the narrowest to the widest.</summary>
    public static IReadOnlyList<CodeWidth> All { get; } =
    [
        CodeWidth.OneBit, CodeWidth.ThreeLevels, CodeWidth.TwoBits, CodeWidth.ThreeBits, CodeWidth.FourBits,
        CodeWidth.EightBits,
    ];

    /// <summary>Whether the value is one of the enumeration's.</summary>
    public static bool IsSupported(CodeWidth width) => All.Contains(width);

    /// <summary>The width with this many levels, as the attribute <c>levels</c> states it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No width has that many levels.</exception>
    public static CodeWidth FromLevels(long levels) => TryFromLevels(levels)
        ?? throw new ArgumentOutOfRangeException(nameof(levels), levels, "Levels are 2, 3, 4, 8, 16 or 256.");

    /// <summary>The same; null where no width has that many levels.</summary>
    internal static CodeWidth? TryFromLevels(long levels) => levels switch
    {
        2 => CodeWidth.OneBit,
        3 => CodeWidth.ThreeLevels,
        4 => CodeWidth.TwoBits,
        8 => CodeWidth.ThreeBits,
        16 => CodeWidth.FourBits,
        256 => CodeWidth.EightBits,
        _ => null,
    };

    /// <summary>The width of this many whole bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 1, 2, 3, 4 or 8.</exception>
    public static CodeWidth FromBits(int bits) => bits switch
    {
        1 => CodeWidth.OneBit,
        2 => CodeWidth.TwoBits,
        3 => CodeWidth.ThreeBits,
        4 => CodeWidth.FourBits,
        8 => CodeWidth.EightBits,
        _ => throw new ArgumentOutOfRangeException(nameof(bits), bits, "Bits are 1, 2, 3, 4 or 8."),
    };

    /// <summary>Number of different codes: 0 to Levels − 1.</summary>
    public static int Levels(CodeWidth width) => width == CodeWidth.ThreeLevels ? 3 : 1 << CodeBits(width);

    /// <summary>Bits that hold one code on its own (2 for three levels).</summary>
    public static int CodeBits(CodeWidth width) => width switch
    {
        CodeWidth.OneBit => 1,
        CodeWidth.TwoBits or CodeWidth.ThreeLevels => 2,
        CodeWidth.ThreeBits => 3,
        CodeWidth.FourBits => 4,
        CodeWidth.EightBits => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(width), width, "Unknown code width."),
    };

    /// <summary>Stored bits per element without metadata and tails: 1, 1.6, 2, 3, 4 or 8.</summary>
    public static double StoredBits(CodeWidth width) => 8.0 * ColumnBytes(width) / SlotsPerColumn(width);

    /// <summary>
    /// Random bits m of the dither, 16 − code bits: a code and its fraction fill 16 bits. The bias of a decoded value
    /// is at most step / 2^(m+1).
    /// </summary>
    public static int FractionBits(CodeWidth width) => 16 - CodeBits(width);

    /// <summary>Codes in one column.</summary>
    public static int SlotsPerColumn(CodeWidth width) => width switch
    {
        CodeWidth.OneBit or CodeWidth.ThreeBits => 8,
        CodeWidth.ThreeLevels => 10,
        CodeWidth.TwoBits => 4,
        CodeWidth.FourBits or CodeWidth.EightBits => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(width), width, "Unknown code width."),
    };

    /// <summary>Bytes of one column; byte b of column c stands at offset b · s + c of the group's codes.</summary>
    public static int ColumnBytes(CodeWidth width) => width switch
    {
        CodeWidth.ThreeBits => 3,
        CodeWidth.EightBits or CodeWidth.ThreeLevels => 2,
        _ => 1,
    };

    /// <summary>Columns of a group: ceil(elements / slots).</summary>
    public static long Columns(CodeWidth width, long elements)
    {
        var slots = SlotsPerColumn(width);
        return elements / slots + (elements % slots == 0 ? 0 : 1);
    }

    /// <summary>
    /// Bytes of a group's codes. With eight bits the last column's second byte is left out when it would hold no
    /// element.
    /// </summary>
    public static long CodeBytes(CodeWidth width, long elements) =>
        width == CodeWidth.EightBits ? elements : Columns(width, elements) * ColumnBytes(width);

    /// <summary>
    /// What a code is multiplied by in its column: the column's value, little-endian in <see cref="ColumnBytes"/>
    /// bytes, is the sum of code · weight over its slots. Even slots fill the lower half of the column, odd slots the
    /// upper one; the weights within a half are the powers of the number of levels.
    /// </summary>
    public static uint SlotWeight(CodeWidth width, int slot) =>
        PlaceWeight(width, slot >> 1) << ((slot & 1) * HalfBits(width));

    /// <summary>The code in a slot of a column; below <see cref="Levels"/> whatever the column is.</summary>
    public static uint CodeAt(CodeWidth width, uint column, int slot)
    {
        var half = (column >> ((slot & 1) * HalfBits(width))) & ((1u << HalfBits(width)) - 1);
        return half / PlaceWeight(width, slot >> 1) % (uint)Levels(width);
    }

    /// <summary>
    /// The index within its group of the element in a slot; beyond the group's end the slot is empty.
    /// </summary>
    public static long ElementAt(int slot, long column, long columns) =>
        2 * ((slot >> 1) * columns + column) + (slot & 1);

    private static int HalfBits(CodeWidth width) => 4 * ColumnBytes(width);

    private static uint PlaceWeight(CodeWidth width, int place) => width == CodeWidth.ThreeLevels
        ? place switch { 0 => 1, 1 => 3, 2 => 9, 3 => 27, _ => 81 }
        : 1u << (CodeBits(width) * place);
}
