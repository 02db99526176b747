// A group's minimum and step, chosen, written and read: the mirror of MetadataCodec, BFloat16Metadata and
// EightBitMetadata in CustomOps/Runtime/Cpu. Each lane works for one group.
#pragma once

#include "code_width.cuh"
#include "packed_layout.cuh"

// Where levels lie; the values are those of Cuda/PackArguments.cs. All but the first have no minimum of their own.
enum Grid : uint32
{
    MinimumGrid = 0,
    ZeroExactGrid = 1,
    SquaredGrid = 2,
};

struct GroupRange
{
    float minimum;
    float maximum;
    bool isFinite;

    // From the extremes of the values' bits, read as integers; see CustomOps/Runtime/Cpu/GroupRange.cs.
    static DEVICE GroupRange fromBits(int32 largestSigned, uint32 largest, uint32 smallest, bool isOfMagnitudes)
    {
        if (isOfMagnitudes)
            return create(0, largest);
        uint32 minimum = (int32)largest < 0 ? largest : smallest;
        return create(minimum, largestSigned < 0 ? smallest : (uint32)largestSigned);
    }

private:
    static DEVICE GroupRange create(uint32 minimum, uint32 maximum)
    {
        const uint32 infinity = 0x7f800000;
        bool isFinite = (minimum & 0x7fffffff) < infinity && (maximum & 0x7fffffff) < infinity;
        // Adding +0 makes −0 the same as +0.
        return GroupRange{floatOf(minimum) + 0.0f, floatOf(maximum) + 0.0f, isFinite};
    }
};

struct EncodeParameters
{
    float minimum;
    float scale;
    bool isValid;
};

struct DecodeParameters
{
    float offset;
    float scale;
    bool isNan;
};

// Bytes of a group's metadata.
DEVICE uint32 metadataBytesOf(bool isEightBit, uint32 grid)
{
    return (isEightBit ? 1 : 2) * (grid == MinimumGrid ? 2 : 1);
}

DEVICE float widenBFloat16(uint32 bits) { return floatOf(bits << 16); }

DEVICE float powerOfTwo(int32 exponent) { return floatOf((uint32)(127 + exponent) << 23); }

// The step of a byte over its block's exponent.
DEVICE float stepOf(int32 code, int32 exponent)
{
    return code == 0 ? 0 : floatOf((uint32)(code + 8 * (exponent - 31)) << 20);
}

// Which metadata are a group's: those of a rank, in the order that begins at the two offsets.
struct MetadataPlace
{
    int64 offset;
    int64 exponentsOffset;
    int64 rank;
};

DEVICE DecodeParameters readMetadata(
    const uint8* packed, const MetadataPlace& place, uint32 codeBits, bool isEightBit, uint32 grid, bool isDithered)
{
    const uint8* metadata = packed + place.offset + place.rank * metadataBytesOf(isEightBit, grid);
    float minimum = 0;
    float step;
    if (isEightBit)
    {
        int32 exponent = packed[place.exponentsOffset + place.rank / GroupsPerBlock];
        uint32 code = metadata[grid != MinimumGrid ? 0 : 1];
        step = code == 255 ? floatOf(0x7fc00000) : stepOf((int32)code, exponent);
        minimum = grid != MinimumGrid ? 0 : (float)(int8)metadata[0] * powerOfTwo((int32)codeBits - 6) * step;
    }
    else
    {
        const uint16* numbers = (const uint16*)metadata;
        minimum = grid != MinimumGrid ? 0 : widenBFloat16(numbers[0]);
        step = widenBFloat16(numbers[grid != MinimumGrid ? 0 : 1]);
    }
    uint32 fractionBits = 16 - codeBits;
    const float meanFraction = (float)(1u << (fractionBits - 1)) - 0.5f;
    // On a squared grid the fraction's bits are taken off before the square.
    float scale = step * powerOfTwo(grid == SquaredGrid ? 0 : -(int32)fractionBits);
    float least = grid == ZeroExactGrid ? -step : minimum;
    return DecodeParameters{least - (isDithered ? meanFraction : 0.0f) * scale, scale, !(step == step)};
}

template <class Width>
struct Metadata
{
    static constexpr uint32 Levels = Width::Levels;

    // Chooses and writes the metadata of a block of groups, one a lane. All lanes of the warp take part.
    static DEVICE EncodeParameters write(
        uint8* packed, const PackedLayout& layout, int64 group, bool isPresent, const GroupRange& range,
        bool isEightBit, uint32 grid, float largestDecoded)
    {
        uint8* metadata = packed + layout.metadataOffset + group * metadataBytesOf(isEightBit, grid);
        if (!isEightBit)
            return isPresent ? writeBFloat16((uint16*)metadata, range, grid, largestDecoded) : EncodeParameters{};
        float bound = isPresent && range.isFinite ? smallestStep(range, grid) : 0.0f;
        uint32 largest = warpMaximum(bound > 0 ? bitsOf(bound) : 0);
        int32 exponent = larger(48, smaller(254, (int32)(largest >> 23) + 1));
        if (isPresent && laneIndex() == 0)
            packed[layout.exponentsOffset + group / GroupsPerBlock] = (uint8)exponent;
        return isPresent ? writeEightBits(metadata, range, exponent, grid, largestDecoded) : EncodeParameters{};
    }

    static DEVICE DecodeParameters read(
        const uint8* packed, const PackedLayout& layout, int64 group, bool isEightBit, uint32 grid, bool isDithered)
    {
        MetadataPlace place = {layout.metadataOffset, layout.exponentsOffset, group};
        return readMetadata(packed, place, Width::CodeBits, isEightBit, grid, isDithered);
    }

private:
    static DEVICE uint32 roundDown(float x) { return (x < 0 ? bitsOf(x) + 0xffff : bitsOf(x)) >> 16; }

    // Rounds a value ≥ 0 up.
    static DEVICE uint32 roundUp(float x) { return (bitsOf(x) + 0xffff) >> 16; }

    // The 8-bit minimum counts in 64ths of the levels.
    static constexpr float unit() { return (float)(1u << Width::CodeBits) / 64; }

    // What is between minimum and maximum, in steps.
    static DEVICE float steps(uint32 grid)
    {
        return grid == MinimumGrid ? (float)(Levels - 1)
            : grid == ZeroExactGrid ? (float)(Levels - 2)
                                    : (float)((Levels - 1) * (Levels - 1));
    }

    // On a squared grid the fraction's bits are put on after the root, and taken off before the square.
    static DEVICE uint32 fractionBits(uint32 grid) { return grid == SquaredGrid ? 0 : Width::FractionBits; }

    static DEVICE bool canDecode(float minimum, float step, float largest, uint32 grid)
    {
        float highest = minimum + (grid == SquaredGrid ? steps(grid) : (float)Levels - 0.5f) * step;
        float lowest = minimum + (grid == SquaredGrid ? 0.0f : -0.5f) * step;
        return highest <= largest && lowest >= -largest;
    }

    static DEVICE EncodeParameters encodeWith(float minimum, float step, uint32 grid)
    {
        return EncodeParameters{minimum, step == 0 ? 0 : (float)(1u << fractionBits(grid)) / step, true};
    }

    static DEVICE EncodeParameters writeBFloat16(
        uint16* metadata, const GroupRange& range, uint32 grid, float largestDecoded)
    {
        const float smallest = floatOf((127 - 110) << 23);
        uint32 minimum = grid != MinimumGrid ? 0 : roundDown(range.minimum);
        float exact = (range.maximum - widenBFloat16(minimum)) / steps(grid);
        uint32 step = exact > 0 ? roundUp(larger(exact, smallest)) : 0;
        float used = grid == ZeroExactGrid ? -widenBFloat16(step) : widenBFloat16(minimum);
        bool isValid = range.isFinite && canDecode(used, widenBFloat16(step), largestDecoded, grid);
        if (grid == MinimumGrid)
            *metadata++ = (uint16)(isValid ? minimum : 0x7fc0);
        *metadata = (uint16)(isValid ? step : 0x7fc0);
        return isValid ? encodeWith(used, widenBFloat16(step), grid) : EncodeParameters{};
    }

    static DEVICE EncodeParameters writeEightBits(
        uint8* metadata, const GroupRange& range, int32 exponent, uint32 grid, float largestDecoded)
    {
        EncodeParameters parameters = {};
        int32 multiple = 0;
        int32 code = range.isFinite ? smallestCode(smallestStep(range, grid), exponent) : 255;
        for (; code <= 254; code++)
        {
            float step = stepOf(code, exponent);
            multiple = grid != MinimumGrid ? 0 : smallestMultiple(range.minimum, step);
            float used = grid == ZeroExactGrid ? -step : (float)multiple * unit() * step;
            if (!covers(range, used, step, grid))
                continue;
            if (canDecode(used, step, largestDecoded, grid))
                parameters = encodeWith(used, step, grid);
            break;
        }
        if (grid == MinimumGrid)
            *metadata++ = (uint8)(parameters.isValid ? multiple : 0);
        *metadata = (uint8)(parameters.isValid ? code : 255);
        return parameters;
    }

    static DEVICE float smallestStep(const GroupRange& range, uint32 grid)
    {
        if (grid != MinimumGrid)
            return range.maximum / steps(grid);
        float spread = (range.maximum - range.minimum) / (float)(Levels - 1);
        float below = -range.minimum / (128 * unit());
        float above = range.maximum / ((float)(Levels - 1) + 127 * unit());
        return larger(spread, larger(below, above));
    }

    static DEVICE int32 smallestMultiple(float minimum, float step)
    {
        if (step == 0)
            return 0;
        float multiple = __builtin_floorf(minimum / (unit() * step));
        return (int32)smaller(127.0f, larger(-128.0f, multiple));
    }

    static DEVICE bool covers(const GroupRange& range, float minimum, float step, uint32 grid)
    {
        if (grid != MinimumGrid)
            return range.maximum <= steps(grid) * step;
        return minimum <= range.minimum && range.maximum - minimum <= (float)(Levels - 1) * step;
    }

    static DEVICE int32 smallestCode(float step, int32 exponent)
    {
        if (step <= 0)
            return 0;
        return larger(1, (int32)((bitsOf(step) + 0xfffff) >> 20) - 8 * (exponent - 31));
    }
};
