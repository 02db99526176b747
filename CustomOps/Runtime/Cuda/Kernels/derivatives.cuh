// Codes of activations' derivatives: the mirror of CustomOps/Runtime/Cpu/Derivatives. A warp has one group.
#pragma once

#include "quantize_pack.cuh"
#include "rounding.cuh"
#include "unpack_dequant.cuh"

constexpr uint32 DerivativeThreads = 256;
constexpr uint32 DerivativeWarps = DerivativeThreads / WarpSize;
constexpr uint32 DerivativeVersion = 2;
constexpr uint32 DerivativeHeaderBytes = 64;
constexpr uint32 DerivativeGroupElements = 1024;

// Fields and their order are those of Cuda/DerivativePackArguments.cs.
struct DerivativePackArguments
{
    int64 elementCount;
    int64 groupCount;
    uint64 tensorKey;
    uint32 levels;
    // f' is table[2 p] + table[2 p + 1] · (t − p) with t = x · scale + offset between 0 and last, and p = ⌊t⌋.
    float scale;
    float offset;
    float last;
    float minimum;
    float codeScale;
    uint32 header[DerivativeHeaderBytes / 4];
};

// Fields and their order are those of Cuda/DerivativeGradientArguments.cs.
struct DerivativeGradientArguments
{
    int64 elementCount;
    int64 packedBytes;
};

struct DerivativeGroup
{
    int64 start;
    uint32 length;
    int64 codeOffset;

    template <class Width>
    static DEVICE DerivativeGroup at(int64 index, int64 elementCount, int64 groupCount)
    {
        int64 start = index * DerivativeGroupElements;
        return DerivativeGroup{
            start, (uint32)smaller((int64)DerivativeGroupElements, elementCount - start),
            DerivativeHeaderBytes + groupCount + index * (int64)Width::codeBytes(DerivativeGroupElements)};
    }
};

// f' of elements; the table is made on the host.
template <class Element>
struct DerivativeSource
{
    const typename Element::Raw* x;
    const float* table;
    const DerivativePackArguments& arguments;

    DEVICE float numberAt(int64 element) const { return Element::toFloat(x[element]); }

    DEVICE float at(int64 element) const
    {
        float place = numberAt(element) * arguments.scale + arguments.offset;
        float within = place > 0 ? smaller(place, arguments.last) : 0.0f;
        int32 piece = (int32)within;
        return table[2 * piece] + table[2 * piece + 1] * (within - (float)piece);
    }
};

template <class Width, class Element>
DEVICE void packColumn(
    const DerivativeSource<Element>& source, const DerivativeGroup& group, uint32 columns, uint32 column, uint64 key,
    uint8* codes)
{
    EncodeParameters parameters = {source.arguments.minimum, source.arguments.codeScale, true};
    uint32 sum = 0;
#pragma unroll
    for (uint32 pair = 0; pair < Width::Pairs; pair++)
    {
        uint32 word = randomWord(key, column, pair, Width::Pairs);
        uint32 element = 2 * (pair * columns + column);
        uint32 even = element < group.length
            ? codeOf<Width, MinimumGrid>(source.at(group.start + element), word & 0xffff, parameters)
            : 0;
        uint32 odd = element + 1 < group.length
            ? codeOf<Width, MinimumGrid>(source.at(group.start + element + 1), word >> 16, parameters)
            : 0;
        sum += even * Width::placeWeight(pair) + (odd * Width::placeWeight(pair) << Width::HalfBits);
    }
    uint32 end = Width::codeBytes(group.length);
#pragma unroll
    for (uint32 byte = 0; byte < Width::ColumnBytes; byte++)
    {
        uint32 offset = byte * columns + column;
        if (offset < end)
            codes[offset] = (uint8)(sum >> (8 * byte));
    }
}

template <uint32 Levels, class Element>
DEVICE void packDerivativeGroup(const DerivativeSource<Element>& source, uint8* packed, int64 index)
{
    typedef CodeWidth<Levels> Width;
    const DerivativePackArguments& arguments = source.arguments;
    DerivativeGroup group = DerivativeGroup::at<Width>(index, arguments.elementCount, arguments.groupCount);
    uint32 hasNan = 0;
    for (uint32 i = laneIndex(); i < group.length; i += WarpSize)
    {
        float value = source.numberAt(group.start + i);
        hasNan |= !(value == value);
    }
    hasNan = ballot(hasNan != 0);
    if (laneIndex() == 0)
        packed[DerivativeHeaderBytes + index] = hasNan != 0;
    uint8* codes = packed + group.codeOffset;
    uint32 bytes = Width::codeBytes(group.length);
    uint32 columns = Width::columns(group.length);
    uint64 key = groupKeyOf(arguments.tensorKey, group.start);
    for (uint32 i = laneIndex(); hasNan != 0 && i < bytes; i += WarpSize)
        codes[i] = 0;
    for (uint32 column = laneIndex(); hasNan == 0 && column < columns; column += WarpSize)
        packColumn<Width>(source, group, columns, column, key, codes);
}

template <class Element>
DEVICE void derivativePack(
    const typename Element::Raw* x, const float* table, uint8* packed, const DerivativePackArguments& arguments)
{
    int64 thread = (int64)blockIndex() * DerivativeThreads + threadIndex();
    if (thread < DerivativeHeaderBytes / 4)
        ((uint32*)packed)[thread] = arguments.header[thread];
    int64 index = thread / WarpSize;
    if (index >= arguments.groupCount)
        return;
    DerivativeSource<Element> source = {x, table, arguments};
    switch (arguments.levels)
    {
        case 2: return packDerivativeGroup<2>(source, packed, index);
        case 3: return packDerivativeGroup<3>(source, packed, index);
        case 4: return packDerivativeGroup<4>(source, packed, index);
        case 8: return packDerivativeGroup<8>(source, packed, index);
        case 16: return packDerivativeGroup<16>(source, packed, index);
        default: return packDerivativeGroup<256>(source, packed, index);
    }
}

// What the header says of a packed derivative: the mirror of DerivativeLayout.Read in CustomOps/Format.
struct PackedDerivative
{
    // 0 when the buffer is no derivative of so many elements.
    uint32 levels;
    uint32 isDithered;
    int64 groupCount;
    uint64 tensorKey;
    float minimum;
    float range;

    static DEVICE PackedDerivative read(const uint8* packed, const DerivativeGradientArguments& arguments)
    {
        PackedDerivative derivative = {};
        if (arguments.packedBytes < DerivativeHeaderBytes)
            return derivative;
        const uint32* header = (const uint32*)packed;
        const uint64* numbers = (const uint64*)packed;
        uint32 levels = levelsOf(header[1] >> 16 & 0xff);
        uint32 rounding = header[1] >> 24;
        derivative.isDithered = rounding == 0;
        derivative.groupCount = divideUp(arguments.elementCount, (int64)DerivativeGroupElements);
        derivative.tensorKey = tensorKeyOf(numbers[1], numbers[2], numbers[3]);
        bool isKnown = derivative.setRange(header[1] >> 8 & 0xff) && header[0] == 0x444e414f
            && (header[1] & 0xff) == DerivativeVersion && levels != 0 && rounding <= 1
            && (int64)numbers[4] == arguments.elementCount && (int64)numbers[5] == arguments.packedBytes
            && arguments.packedBytes == derivative.bytes(levels, arguments.elementCount) && isFactor(header[12])
            && header[13] == 0 && numbers[7] == 0;
        derivative.levels = isKnown ? levels : 0;
        return derivative;
    }

private:
    // Whether these are the bits of a number that is finite and not 0.
    static DEVICE bool isFactor(uint32 bits) { return (bits & 0x7f800000) != 0x7f800000 && bits << 1 != 0; }

    // The table of ActivationDerivative.cs.
    DEVICE bool setRange(uint32 function)
    {
        switch (function)
        {
            case 1: case 2: return setRange(-0.129f, 1.129f);
            case 3: return setRange(-0.1f, 1.1f);
            case 4: return setRange(0.0f, 0.25f);
            case 5: case 6: case 9: return setRange(0.0f, 1.0f);
            case 7: return setRange(-0.113f, 1.089f);
            case 8: return setRange(-0.5f, 1.5f);
            default: return false;
        }
    }

    DEVICE bool setRange(float low, float high)
    {
        minimum = low;
        range = high - low;
        return true;
    }

    DEVICE int64 bytes(uint32 levels, int64 elements) const
    {
        int64 whole = elements / DerivativeGroupElements;
        return DerivativeHeaderBytes + groupCount + whole * (int64)codeBytesOf(levels, DerivativeGroupElements)
            + (int64)codeBytesOf(levels, (uint32)(elements - whole * DerivativeGroupElements));
    }
};

SHARED PackedDerivative sharedDerivative;

// dX may be dY.
template <uint32 Levels, class Element>
DEVICE void multiplyGroup(
    const typename Element::Raw* dY, const uint8* packed, typename Element::Raw* dX, int64 index, int64 elementCount)
{
    typedef CodeWidth<Levels> Width;
    const PackedDerivative& derivative = sharedDerivative;
    DerivativeGroup span = DerivativeGroup::at<Width>(index, elementCount, derivative.groupCount);
    float step = derivative.range / (float)(Levels - 1);
    const float meanFraction = (float)(1u << (Width::FractionBits - 1)) - 0.5f;
    GroupDecoder<Float32Element, Width> group = {};
    group.codes = packed + span.codeOffset;
    group.length = span.length;
    group.columns = Width::columns(span.length);
    group.key = groupKeyOf(derivative.tensorKey, span.start);
    group.scale = step / (float)(1u << Width::FractionBits);
    group.offset = derivative.minimum - (derivative.isDithered ? meanFraction : 0.0f) * group.scale;
    group.zeroCode = 0xffffffff;
    group.ditherMask = derivative.isDithered ? Width::FractionMask : 0;
    bool isNumber = packed[DerivativeHeaderBytes + index] == 0;
    for (uint32 i = laneIndex(); i < span.length; i += WarpSize)
    {
        dX[span.start + i] =
            multiplyElement<Element>(dY[span.start + i], isNumber ? group.valueAt(i) : floatOf(QuietNan));
    }
}

template <class Element>
DEVICE void activationGradient(
    const typename Element::Raw* dY, const uint8* packed, typename Element::Raw* dX,
    const DerivativeGradientArguments& arguments)
{
    if (threadIndex() == 0)
        sharedDerivative = PackedDerivative::read(packed, arguments);
    synchronizeBlock();
    if (sharedDerivative.levels == 0)
        return fillWithNan<Element, DerivativeThreads>(dX, arguments.elementCount);
    int64 index = (int64)blockIndex() * DerivativeWarps + warpIndex();
    if (index >= sharedDerivative.groupCount)
        return;
    switch (sharedDerivative.levels)
    {
        case 2: return multiplyGroup<2, Element>(dY, packed, dX, index, arguments.elementCount);
        case 3: return multiplyGroup<3, Element>(dY, packed, dX, index, arguments.elementCount);
        case 4: return multiplyGroup<4, Element>(dY, packed, dX, index, arguments.elementCount);
        case 8: return multiplyGroup<8, Element>(dY, packed, dX, index, arguments.elementCount);
        case 16: return multiplyGroup<16, Element>(dY, packed, dX, index, arguments.elementCount);
        default: return multiplyGroup<256, Element>(dY, packed, dX, index, arguments.elementCount);
    }
}
