// Arithmetic of the code widths: the mirror of CustomOps/Format/CodeWidths.cs.
#pragma once

#include "device.cuh"

template <uint32 LevelCount>
struct CodeWidth
{
    static constexpr uint32 Levels = LevelCount;
    static constexpr uint32 CodeBits = Levels <= 2 ? 1 : Levels <= 4 ? 2 : Levels == 8 ? 3 : Levels == 16 ? 4 : 8;
    static constexpr uint32 FractionBits = 16 - CodeBits;
    static constexpr uint32 FractionMask = (1u << FractionBits) - 1;
    static constexpr uint32 Slots = Levels == 2 || Levels == 8 ? 8 : Levels == 3 ? 10 : Levels == 4 ? 4 : 2;
    static constexpr uint32 Pairs = Slots / 2;
    static constexpr uint32 ColumnBytes = Levels == 8 ? 3 : Levels == 3 || Levels == 256 ? 2 : 1;
    static constexpr uint32 HalfBits = 4 * ColumnBytes;

    // Columns that a lane works on at once, so that it holds 8 elements (three levels: 10) and a warp a group of 256.
    static constexpr uint32 LaneColumns = Slots == 2 ? 4 : Slots == 4 ? 2 : 1;
    static constexpr uint32 LaneElements = 2 * LaneColumns;

    static DEVICE uint32 columns(uint32 elements) { return divideUp(elements, Slots); }

    static DEVICE uint32 codeBytes(uint32 elements)
    {
        return Levels == 256 ? elements : columns(elements) * ColumnBytes;
    }

    static constexpr uint32 placeWeight(uint32 place)
    {
        if (Levels != 3)
            return 1u << (CodeBits * place);
        uint32 weight = 1;
        for (uint32 i = 0; i < place; i++)
            weight *= 3;
        return weight;
    }

    static DEVICE uint32 evenCode(uint32 column, uint32 place)
    {
        return codeIn(column & ((1u << HalfBits) - 1), place);
    }

    static DEVICE uint32 oddCode(uint32 column, uint32 place) { return codeIn(column >> HalfBits, place); }

private:
    static DEVICE uint32 codeIn(uint32 half, uint32 place)
    {
        return Levels == 3 ? half / placeWeight(place) % 3 : half >> (CodeBits * place) & (Levels - 1);
    }
};

// Levels of a width as headers number them; 0 where there is no such width.
DEVICE uint32 levelsOf(uint32 width)
{
    if (width == 16)
        return 3;
    return (width >= 1 && width <= 4) || width == 8 ? 1u << width : 0;
}

// Bits that hold one code on its own.
DEVICE uint32 codeBitsOf(uint32 levels) { return 32 - (uint32)__builtin_clz(levels - 1); }

DEVICE uint32 slotsOf(uint32 levels) { return levels == 2 || levels == 8 ? 8 : levels == 3 ? 10 : levels == 4 ? 4 : 2; }

DEVICE uint32 columnBytesOf(uint32 levels) { return levels == 8 ? 3 : levels == 3 || levels == 256 ? 2 : 1; }

DEVICE uint32 codeBytesOf(uint32 levels, uint32 elements)
{
    switch (levels)
    {
        case 2: return divideUp(elements, 8u);
        case 3: return 2 * divideUp(elements, 10u);
        case 4: return divideUp(elements, 4u);
        case 8: return 3 * divideUp(elements, 8u);
        case 16: return divideUp(elements, 2u);
        default: return elements;
    }
}
