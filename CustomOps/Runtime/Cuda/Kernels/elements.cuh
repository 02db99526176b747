// Element types: the mirror of CustomOps/Runtime/Cpu/Elements. Raw is an element's bits.
#pragma once

#include "memory.cuh"

constexpr uint32 QuietNan = 0x7fc00000;

struct Float32Element
{
    typedef uint32 Raw;
    static constexpr uint8 Type = 1;
    // The least finite number.
    static constexpr Raw Lowest = 0xff7fffff;
    static constexpr bool IsDecodedPlaced = false;

    static DEVICE float toFloat(Raw raw) { return floatOf(raw); }
    static DEVICE Raw fromFloat(float value) { return bitsOf(value); }
    static DEVICE Raw nan(bool isNegative) { return isNegative ? 0xffc00000 : 0x7fc00000; }
};

struct Float16Element
{
    typedef uint16 Raw;
    static constexpr uint8 Type = 10;
    // The least finite number.
    static constexpr Raw Lowest = 0xfbff;
    static constexpr bool IsDecodedPlaced = true;

    // The 15 bits of a float16, put where float32 has its low exponent bits and high mantissa bits, are a float 2^112
    // times too small, subnormal ones included. All exponent bits set stay so: NaN or infinity.
    static DEVICE float toFloat(Raw raw)
    {
        uint32 placed = (uint32)((int32)((uint32)raw << 16) >> 3) & 0x8fffe000;
        float value = floatOf(placed) * floatOf((127 + 112) << 23);
        return (raw & 0x7c00) == 0x7c00 ? floatOf(bitsOf(value) | 0x7f800000) : value;
    }

    static DEVICE Raw fromFloat(float value) { return fromPlaced(value * floatOf((127 - 112) << 23)); }

    // code · scale + offset with one rounding, 2^112 times too small;
    // the numbers that are multiplied are no subnormal ones.
    static DEVICE Raw decode(uint32 code, float scale, float offset)
    {
        float placedOffset = (offset - 65536.0f * scale) * floatOf((127 - 112) << 23);
        float number = floatOf((127 - 48) << 23 | code << 7);
        return fromPlaced(__builtin_fmaf(number, scale * floatOf((127 - 48) << 23), placedOffset));
    }

    static DEVICE Raw nan(bool isNegative) { return isNegative ? 0xfe00 : 0x7e00; }

private:
    static DEVICE Raw fromPlaced(float placed)
    {
        uint32 bits = bitsOf(placed) + 0x1000;
        return (Raw)((bits >> 13 & 0x7fff) | (bits >> 16 & 0x8000));
    }
};

struct BFloat16Element
{
    typedef uint16 Raw;
    static constexpr uint8 Type = 16;
    // The least finite number.
    static constexpr Raw Lowest = 0xff7f;
    static constexpr bool IsDecodedPlaced = false;

    static DEVICE float toFloat(Raw raw) { return floatOf((uint32)raw << 16); }
    static DEVICE Raw fromFloat(float value) { return (Raw)((bitsOf(value) + 0x8000) >> 16); }
    static DEVICE Raw nan(bool isNegative) { return isNegative ? 0xffc0 : 0x7fc0; }
};

struct Float64Element
{
    typedef uint64 Raw;
    static constexpr uint8 Type = 11;
    // The least finite number.
    static constexpr Raw Lowest = 0xffefffffffffffff;
    static constexpr bool IsDecodedPlaced = false;

    // What is above 0 stays above 0.
    static DEVICE float toFloat(Raw raw)
    {
        double wide = __builtin_bit_cast(double, raw);
        float value = (float)wide;
        return value == 0 && wide > 0 ? floatOf(1) : value;
    }

    static DEVICE Raw fromFloat(float value) { return __builtin_bit_cast(uint64, (double)value); }
    static DEVICE Raw nan(bool isNegative) { return isNegative ? 0xfff8000000000000 : 0x7ff8000000000000; }
};

// Neighbouring elements of one lane, in words.
template <class Element, uint32 Count>
struct Chunk
{
    typedef typename Element::Raw Raw;
    static constexpr uint32 Bytes = Count * sizeof(Raw);
    static constexpr uint32 Alignment = alignmentOf(Bytes);
    static constexpr uint32 PerWord = sizeof(Raw) < 4 ? 4 / sizeof(Raw) : 1;
    static constexpr uint32 RawMask = sizeof(Raw) < 4 ? (1u << (8 * (sizeof(Raw) % 4))) - 1 : 0xffffffff;

    uint32 words[Bytes / 4];

    DEVICE Raw get(uint32 index) const
    {
        if constexpr (sizeof(Raw) == 8)
            return (Raw)((uint64)words[2 * index + 1] << 32 | words[2 * index]);
        else
            return (Raw)(words[index / PerWord] >> (8 * sizeof(Raw) * (index % PerWord)));
    }

    // Every index once, in order: the words need not be set before.
    DEVICE void put(uint32 index, Raw raw)
    {
        if constexpr (sizeof(Raw) == 8)
        {
            words[2 * index] = (uint32)raw;
            words[2 * index + 1] = (uint32)(raw >> 32);
        }
        else
        {
            uint32 placed = ((uint32)raw & RawMask) << (8 * sizeof(Raw) * (index % PerWord));
            words[index / PerWord] = index % PerWord == 0 ? placed : words[index / PerWord] | placed;
        }
    }
};
