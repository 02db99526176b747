// QuantizePack: one warp encodes one group, a thread block the 16 groups of a packed block; docs/cuda.md.
#pragma once

#include "counter_random.cuh"
#include "lanes.cuh"
#include "metadata.cuh"

constexpr uint32 PackThreads = GroupsPerBlock * WarpSize;

// Fields and their order are those of Cuda/PackArguments.cs.
struct PackArguments
{
    PackedLayout layout;
    uint64 tensorKey;
    float largestDecoded;
    uint8 grid;
    uint8 isEightBit;
    // Whether groups have widths of their own: then this is a pack of those of one class.
    uint8 hasOrder;
    uint32 header[HeaderBytes / 4];
};

// What the warps of a block tell each other.
struct PackShared
{
    int64 start[GroupsPerBlock];
    uint64 key[GroupsPerBlock];
    int32 largestSigned[GroupsPerBlock];
    uint32 largest[GroupsPerBlock];
    uint32 smallest[GroupsPerBlock];
    EncodeParameters parameters[GroupsPerBlock];
};

SHARED PackShared packShared;

// From k² ≤ x ≤ (k + 1)² to k ≤ y ≤ k + 1, linear between.
DEVICE float placeBetweenSquares(float x)
{
    float root = __builtin_floorf(squareRoot(x));
    return root + (x - root * root) / (root + root + 1.0f);
}

// Adding 2^23 rounds to an integer, to nearest even, and leaves it in the mantissa.
template <class Width, uint32 Grid>
DEVICE uint32 codeOf(float value, uint32 random, const EncodeParameters& parameters)
{
    float scaled = (value - parameters.minimum) * parameters.scale;
    if (Grid == SquaredGrid)
        scaled = placeBetweenSquares(scaled) * (float)(1u << Width::FractionBits);
    uint32 rounded = bitsOf(scaled + 8388608.0f) & 0xffff;
    uint32 code = (rounded + (random & Width::FractionMask)) >> Width::FractionBits;
    return Grid != MinimumGrid && !(value > 0) ? 0 : code;
}

template <class Element, class Width>
struct GroupEncoder
{
    typedef typename Element::Raw Raw;

    const Raw* x;
    uint8* codes;
    uint32 length;
    uint32 columns;
    bool isWhole;
    // Pair t of the lane's columns, from the first one on: elements 2 · (t · columns + column) and following.
    float values[Width::Pairs][Width::LaneElements];

    DEVICE GroupEncoder(const Raw* tensor, uint8* packed, const GroupSpan& span)
        : x(tensor + span.start), codes(packed + span.codeOffset), length(span.length),
          columns(Width::columns(span.length))
    {
        isWhole = isWholeGroup<Element, Width>(x, codes, length);
    }

    // The extremes of the values' bits over the group, or of the magnitudes. Keeps the first step's values.
    DEVICE void findRange(bool isOfMagnitudes, int32& largestSigned, uint32& largest, uint32& smallest)
    {
        uint32 lane = laneIndex();
        largestSigned = (int32)0x80000000;
        largest = 0;
        smallest = 0xffffffff;
        for (uint32 first = lastStep(); ; first -= WarpColumns<Width>)
        {
            uint32 column = first + lane * Width::LaneColumns;
            if (column < columns)
            {
                load(column);
                if (isOfMagnitudes)
                    foldMagnitudes(largest);
                else
                    fold(largestSigned, largest, smallest);
            }
            if (first == 0)
                break;
        }
        largest = warpMaximum(largest);
        if (isOfMagnitudes)
            return;
        largestSigned = warpMaximumSigned(largestSigned);
        smallest = warpMinimum(smallest);
    }

    template <uint32 Grid>
    DEVICE void encode(const EncodeParameters& parameters, uint64 key)
    {
        uint32 column = laneIndex() * Width::LaneColumns;
        if (column < columns)
            encodeColumns<Grid>(column, parameters, key);
        for (column += WarpColumns<Width>; column < columns; column += WarpColumns<Width>)
        {
            load(column);
            encodeColumns<Grid>(column, parameters, key);
        }
    }

    DEVICE void clear() { clear(0, Width::codeBytes(length)); }

    // The rest of the room that the longest group needs.
    DEVICE void clearBehind(uint32 stride) { clear(Width::codeBytes(length), stride); }

private:
    DEVICE void clear(uint32 first, uint32 end)
    {
        for (uint32 offset = first + laneIndex(); offset < end; offset += WarpSize)
            codes[offset] = 0;
    }

    // The steps are taken from the last to the first, so that what is in the registers at the end is encoded first.
    DEVICE uint32 lastStep() const { return (columns - 1) / WarpColumns<Width> * WarpColumns<Width>; }

    DEVICE void load(uint32 column)
    {
        if (isWhole)
            loadWhole(column);
        else
            loadTail(column);
    }

    DEVICE void loadWhole(uint32 column)
    {
#pragma unroll
        for (uint32 pair = 0; pair < Width::Pairs; pair++)
        {
            LaneChunk<Element, Width> chunk;
            loadWords(x + 2 * (pair * columns + column), chunk.words);
#pragma unroll
            for (uint32 i = 0; i < Width::LaneElements; i++)
                values[pair][i] = Element::toFloat(chunk.get(i));
        }
    }

    // Places without an element repeat the group's first one: the range does not change.
    DEVICE void loadTail(uint32 column)
    {
#pragma unroll
        for (uint32 pair = 0; pair < Width::Pairs; pair++)
        {
#pragma unroll
            for (uint32 i = 0; i < Width::LaneElements; i++)
            {
                uint32 element = 2 * (pair * columns + column) + i;
                values[pair][i] = Element::toFloat(x[hasElement(column, element, i) ? element : 0]);
            }
        }
    }

    DEVICE bool hasElement(uint32 column, uint32 element, uint32 index) const
    {
        return column + index / 2 < columns && element < length;
    }

    DEVICE void foldMagnitudes(uint32& largest) const
    {
#pragma unroll
        for (uint32 pair = 0; pair < Width::Pairs; pair++)
        {
#pragma unroll
            for (uint32 i = 0; i < Width::LaneElements; i++)
                largest = larger(largest, bitsOf(values[pair][i]) & 0x7fffffff);
        }
    }

    DEVICE void fold(int32& largestSigned, uint32& largest, uint32& smallest) const
    {
#pragma unroll
        for (uint32 pair = 0; pair < Width::Pairs; pair++)
        {
#pragma unroll
            for (uint32 i = 0; i < Width::LaneElements; i++)
            {
                uint32 bits = bitsOf(values[pair][i]);
                largestSigned = larger(largestSigned, (int32)bits);
                largest = larger(largest, bits);
                smallest = smaller(smallest, bits);
            }
        }
    }

    template <uint32 Grid>
    DEVICE void encodeColumns(uint32 column, const EncodeParameters& parameters, uint64 key)
    {
        if (isWhole)
            storeWhole(column, [&](uint32 i) { return columnOf<Grid, true>(column, i, parameters, key); });
        else
            storeTail(column, [&](uint32 i) { return columnOf<Grid, false>(column, i, parameters, key); });
    }

    // The codes of the lane's column number index, as they stand in its bytes.
    template <uint32 Grid, bool IsWhole>
    DEVICE uint32 columnOf(uint32 column, uint32 index, const EncodeParameters& parameters, uint64 key) const
    {
        uint32 sum = 0;
#pragma unroll
        for (uint32 pair = 0; pair < Width::Pairs; pair++)
        {
            uint32 word = randomWord(key, column + index, pair, Width::Pairs);
            uint32 element = 2 * (pair * columns + column) + 2 * index;
            uint32 even = codeOf<Width, Grid>(values[pair][2 * index], word & 0xffff, parameters);
            uint32 odd = codeOf<Width, Grid>(values[pair][2 * index + 1], word >> 16, parameters);
            if (!IsWhole)
            {
                even = hasElement(column, element, 2 * index) ? even : 0;
                odd = hasElement(column, element + 1, 2 * index + 1) ? odd : 0;
            }
            sum += even * Width::placeWeight(pair) + (odd * Width::placeWeight(pair) << Width::HalfBits);
        }
        return sum;
    }

    template <class Column>
    DEVICE void storeWhole(uint32 column, Column columnAt)
    {
        uint32 bytes[Width::ColumnBytes] = {};
#pragma unroll
        for (uint32 i = 0; i < Width::LaneColumns; i++)
        {
            uint32 sum = columnAt(i);
#pragma unroll
            for (uint32 byte = 0; byte < Width::ColumnBytes; byte++)
                bytes[byte] |= (sum >> (8 * byte) & 0xff) << (8 * i);
        }
#pragma unroll
        for (uint32 byte = 0; byte < Width::ColumnBytes; byte++)
            storeBytes<Width::LaneColumns>(codes + byte * columns + column, bytes[byte]);
    }

    template <class Column>
    DEVICE void storeTail(uint32 column, Column columnAt)
    {
        uint32 end = Width::codeBytes(length);
#pragma unroll
        for (uint32 i = 0; i < Width::LaneColumns; i++)
        {
            if (column + i >= columns)
                break;
            uint32 sum = columnAt(i);
            uint32 offset = column + i;
#pragma unroll
            for (uint32 byte = 0; byte < Width::ColumnBytes; byte++, offset += columns)
            {
                if (offset < end)
                    codes[offset] = (uint8)(sum >> (8 * byte));
            }
        }
    }
};

// The order of the groups is read where the arguments say that there is one.
template <class Element, uint32 Levels>
DEVICE void quantizePack(
    const typename Element::Raw* x, const uint32* order, uint8* packed, const PackArguments& arguments)
{
    typedef CodeWidth<Levels> Width;
    PackShared& shared = packShared;
    const PackedLayout& layout = arguments.layout;
    const uint32 grid = arguments.grid;
    uint32 warp = warpIndex();
    int64 first = (int64)blockIndex() * GroupsPerBlock;
    if (first == 0 && threadIndex() < HeaderBytes / 4)
        ((uint32*)packed)[threadIndex()] = arguments.header[threadIndex()];
    bool isPresent = first + warp < layout.groupCount;
    GroupSpan span = {};
    if (isPresent)
        span = arguments.hasOrder ? layout.ranked(first + warp, order) : layout.group(first + warp);
    GroupEncoder<Element, Width> group(x, packed, span);
    if (isPresent)
    {
        int32 largestSigned;
        uint32 largest, smallest;
        group.findRange(grid != MinimumGrid, largestSigned, largest, smallest);
        if (laneIndex() == 0)
        {
            shared.start[warp] = span.start;
            shared.largestSigned[warp] = largestSigned;
            shared.largest[warp] = largest;
            shared.smallest[warp] = smallest;
        }
    }
    synchronizeBlock();
    if (warp == 0)
    {
        // One lane for each group of the block.
        uint32 lane = laneIndex();
        bool hasGroup = lane < GroupsPerBlock && first + lane < layout.groupCount;
        uint32 slot = hasGroup ? lane : 0;
        GroupRange range = GroupRange::fromBits(
            shared.largestSigned[slot], shared.largest[slot], shared.smallest[slot], grid != MinimumGrid);
        EncodeParameters parameters = Metadata<Width>::write(
            packed, layout, first + lane, hasGroup, range, arguments.isEightBit, grid, arguments.largestDecoded);
        if (hasGroup)
        {
            shared.parameters[lane] = parameters;
            shared.key[lane] = groupKeyOf(arguments.tensorKey, shared.start[lane]);
        }
    }
    synchronizeBlock();
    if (!isPresent)
        return;
    EncodeParameters parameters = shared.parameters[warp];
    if (!parameters.isValid)
        group.clear();
    else if (grid == ZeroExactGrid)
        group.template encode<ZeroExactGrid>(parameters, shared.key[warp]);
    else if (grid == SquaredGrid)
        group.template encode<SquaredGrid>(parameters, shared.key[warp]);
    else
        group.template encode<MinimumGrid>(parameters, shared.key[warp]);
    group.clearBehind(layout.stride);
}
