// UnpackDequant: one warp decodes one group after the other; what the groups of a tile need is worked out by one lane for each.
#pragma once

#include "elements.cuh"
#include "metadata.cuh"
#include "packed_header.cuh"

constexpr uint32 UnpackWarps = 8;
constexpr uint32 UnpackThreads = UnpackWarps * WarpSize;

template <class Element, class Width>
struct GroupDecoder
{
    typedef typename Element::Raw Raw;
    static constexpr uint32 Pairs = Width::Pairs;
    static constexpr uint32 LaneColumns = Width::LaneColumns;
    static constexpr uint32 LaneElements = Width::LaneElements;
    static constexpr uint32 Step = WarpSize * LaneColumns;
    typedef Chunk<Element, LaneElements> LaneChunk;

    const uint8* codes;
    Raw* y;
    uint32 length;
    uint32 columns;
    uint64 key;
    float offset;
    float scale;
    // The code that decodes to 0, or one that there is not.
    uint32 zeroCode;
    // The bits of a random number that are subtracted again: none with stochastic rounding.
    uint32 ditherMask;

    DEVICE void fill(Raw value)
    {
        for (uint32 element = laneIndex(); element < length; element += WarpSize)
            y[element] = value;
    }

    template <bool IsNonzero>
    DEVICE void decode()
    {
        columns = Width::columns(length);
        bool isWhole = length == columns * Width::Slots && columns % LaneColumns == 0 && isAligned(y, LaneChunk::Alignment)
            && isAligned(codes, LaneColumns);
        for (uint32 column = laneIndex() * LaneColumns; column < columns; column += Step)
        {
            if (isWhole)
                decodeWhole<IsNonzero>(column);
            else
                decodeTail<IsNonzero>(column);
        }
    }

private:
    template <bool IsNonzero>
    DEVICE void decodeWhole(uint32 column)
    {
        uint32 bytes[Width::ColumnBytes];
#pragma unroll
        for (uint32 byte = 0; byte < Width::ColumnBytes; byte++)
            bytes[byte] = loadBytes<LaneColumns>(codes + byte * columns + column);
#pragma unroll
        for (uint32 pair = 0; pair < Pairs; pair++)
        {
            LaneChunk chunk;
#pragma unroll
            for (uint32 i = 0; i < LaneColumns; i++)
            {
                uint32 packed = 0;
#pragma unroll
                for (uint32 byte = 0; byte < Width::ColumnBytes; byte++)
                    packed |= (bytes[byte] >> (8 * i) & 0xff) << (8 * byte);
                uint32 word = wordOf<IsNonzero>(column + i, pair);
                chunk.put(2 * i, Element::fromFloat(valueOf<IsNonzero>(Width::evenCode(packed, pair), word)));
                chunk.put(2 * i + 1, Element::fromFloat(valueOf<IsNonzero>(Width::oddCode(packed, pair), word >> 16)));
            }
            storeWords(y + 2 * (pair * columns + column), chunk.words);
        }
    }

    template <bool IsNonzero>
    DEVICE void decodeTail(uint32 firstColumn)
    {
        uint32 end = Width::codeBytes(length);
        for (uint32 column = firstColumn; column < smaller(columns, firstColumn + LaneColumns); column++)
        {
            uint32 packed = 0;
#pragma unroll
            for (uint32 byte = 0; byte < Width::ColumnBytes; byte++)
            {
                uint32 at = byte * columns + column;
                packed |= (at < end ? codes[at] : 0u) << (8 * byte);
            }
#pragma unroll
            for (uint32 pair = 0; pair < Pairs; pair++)
            {
                uint32 element = 2 * (pair * columns + column);
                uint32 word = wordOf<IsNonzero>(column, pair);
                if (element < length)
                    y[element] = Element::fromFloat(valueOf<IsNonzero>(Width::evenCode(packed, pair), word));
                if (element + 1 < length)
                    y[element + 1] = Element::fromFloat(valueOf<IsNonzero>(Width::oddCode(packed, pair), word >> 16));
            }
        }
    }

    template <bool IsNonzero>
    DEVICE uint32 wordOf(uint32 column, uint32 pair) const
    {
        return IsNonzero ? 0 : randomWord(key, column * Pairs + pair);
    }

    // A mantissa under the exponent of 2^23 is an integer: w becomes a float without a conversion.
    template <bool IsNonzero>
    DEVICE float valueOf(uint32 code, uint32 random) const
    {
        if (IsNonzero)
            return code == 0 ? 0.0f : 1.0f;
        uint32 w = code << Width::FractionBits | (~random & ditherMask);
        float value = (floatOf(0x4b000000 | w) - 8388608.0f) * scale + offset;
        return code == zeroCode ? 0.0f : value;
    }
};

template <class Element, uint32 Levels, bool IsNonzero>
DEVICE void unpackGroups(const uint8* packed, typename Element::Raw* y, const PackedTensor& tensor)
{
    typedef CodeWidth<Levels> Width;
    const PackedLayout& layout = tensor.layout;
    int64 warps = (int64)blockCount() * UnpackWarps;
    int64 tile = smaller(divideUp(layout.groupCount, warps), (int64)WarpSize);
    uint32 lane = laneIndex();
    for (int64 first = ((int64)blockIndex() * UnpackWarps + warpIndex()) * tile; first < layout.groupCount; first += warps * tile)
    {
        int64 own = smaller(first + (int64)smaller(lane, (uint32)tile - 1), layout.groupCount - 1);
        GroupSpan span = layout.group(own);
        DecodeParameters parameters = Metadata<Width>::read(
            packed, layout, own, tensor.isEightBit, tensor.isZeroExact, tensor.isDithered);
        uint64 key = IsNonzero ? 0 : groupKeyOf(tensor.tensorKey, span.start);
        uint32 nans = ballot(parameters.isNan);
        uint32 count = (uint32)smaller(tile, layout.groupCount - first);
        for (uint32 i = 0; i < count; i++)
        {
            GroupDecoder<Element, Width> group;
            group.codes = packed + broadcast64((uint64)span.codeOffset, i);
            group.y = y + broadcast64((uint64)span.start, i);
            group.length = broadcast(span.length, i);
            group.key = IsNonzero ? 0 : broadcast64(key, i);
            group.offset = broadcastFloat(parameters.offset, i);
            group.scale = broadcastFloat(parameters.scale, i);
            group.zeroCode = tensor.isZeroExact ? 0 : 0xffffffff;
            group.ditherMask = tensor.isDithered ? Width::FractionMask : 0;
            if (nans >> i & 1)
                group.fill(Element::nan(tensor.isEightBit));
            else
                group.template decode<IsNonzero>();
        }
    }
}

template <class Element, uint32 Levels>
DEVICE void unpackWidth(
    const uint8* packed, typename Element::Raw* y, const PackedTensor& tensor, const UnpackArguments& arguments)
{
    if (arguments.isNonzero)
        unpackGroups<Element, Levels, true>(packed, y, tensor);
    else
        unpackGroups<Element, Levels, false>(packed, y, tensor);
}

// Read by one thread of a block for all.
SHARED PackedTensor unpackTensor;

// A buffer that is not what the shape says gives NaN everywhere: there is nobody on the device to throw to.
template <class Element>
DEVICE void unpackDequant(const uint8* packed, typename Element::Raw* y, const UnpackArguments& arguments)
{
    PackedTensor& tensor = unpackTensor;
    if (threadIndex() == 0)
        tensor = PackedTensor::read(packed, Element::Type, arguments);
    synchronizeBlock();
    switch (tensor.levels)
    {
        case 2: return unpackWidth<Element, 2>(packed, y, tensor, arguments);
        case 3: return unpackWidth<Element, 3>(packed, y, tensor, arguments);
        case 4: return unpackWidth<Element, 4>(packed, y, tensor, arguments);
        case 8: return unpackWidth<Element, 8>(packed, y, tensor, arguments);
        case 16: return unpackWidth<Element, 16>(packed, y, tensor, arguments);
        case 256: return unpackWidth<Element, 256>(packed, y, tensor, arguments);
        default: break;
    }
    int64 threads = (int64)blockCount() * UnpackThreads;
    for (int64 i = (int64)blockIndex() * UnpackThreads + threadIndex(); i < arguments.elementCount; i += threads)
        y[i] = Element::nan(false);
}
