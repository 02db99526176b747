// UnpackDequant and ReluGradFromCodes: one warp decodes one group after the other;
// what the groups of a tile need is worked out by one lane for each.
#pragma once

#include "lanes.cuh"
#include "metadata.cuh"
#include "packed_header.cuh"
#include "width_table.cuh"

constexpr uint32 UnpackWarps = 8;
constexpr uint32 UnpackThreads = UnpackWarps * WarpSize;

// What is written: decoded values; 1 where the code is not 0;
// or another tensor's elements where the code is not 0. Else 0.
enum class Output { Value, Nonzero, Gradient };

template <class Element, class Width>
struct GroupDecoder
{
    typedef typename Element::Raw Raw;

    const uint8* codes;
    // For Output::Gradient alone; y may be the same.
    const Raw* gradient;
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
    // Whether a code stands for its square.
    bool isSquared;

    template <Output Kind>
    DEVICE void decode()
    {
        bool isWhole = isWholeGroup<Element, Width>(y, codes, length)
            && (Kind != Output::Gradient || isAligned(gradient, LaneChunk<Element, Width>::Alignment));
        for (uint32 column = laneIndex() * Width::LaneColumns; column < columns; column += WarpColumns<Width>)
        {
            if (isWhole)
                decodeWhole<Kind>(column);
            else
                decodeTail<Kind>(column);
        }
    }

    // One element's value.
    DEVICE float valueAt(uint32 element) const
    {
        uint32 pair = element / 2 / columns;
        uint32 column = element / 2 - pair * columns;
        uint32 packed = packedAt(column, Width::codeBytes(length));
        uint32 word = wordOf<Output::Value>(column, pair);
        bool isOdd = element % 2 != 0;
        return valueOf(isOdd ? Width::oddCode(packed, pair) : Width::evenCode(packed, pair), isOdd ? word >> 16 : word);
    }

private:
    template <Output Kind>
    DEVICE void decodeWhole(uint32 column)
    {
        uint32 bytes[Width::ColumnBytes];
#pragma unroll
        for (uint32 byte = 0; byte < Width::ColumnBytes; byte++)
            bytes[byte] = loadBytes<Width::LaneColumns>(codes + byte * columns + column);
#pragma unroll
        for (uint32 pair = 0; pair < Width::Pairs; pair++)
        {
            uint32 first = 2 * (pair * columns + column);
            LaneChunk<Element, Width> chunk, source;
            if constexpr (Kind == Output::Gradient)
                loadWords<true>(gradient + first, source.words);
#pragma unroll
            for (uint32 i = 0; i < Width::LaneColumns; i++)
            {
                uint32 packed = 0;
#pragma unroll
                for (uint32 byte = 0; byte < Width::ColumnBytes; byte++)
                    packed |= (bytes[byte] >> (8 * i) & 0xff) << (8 * byte);
                uint32 word = wordOf<Kind>(column + i, pair);
                auto even = [&] { return source.get(2 * i); };
                auto odd = [&] { return source.get(2 * i + 1); };
                chunk.put(2 * i, elementOf<Kind>(Width::evenCode(packed, pair), word, even));
                chunk.put(2 * i + 1, elementOf<Kind>(Width::oddCode(packed, pair), word >> 16, odd));
            }
            storeWords(y + first, chunk.words);
        }
    }

    template <Output Kind>
    DEVICE void decodeTail(uint32 firstColumn)
    {
        uint32 end = Width::codeBytes(length);
        for (uint32 column = firstColumn; column < smaller(columns, firstColumn + Width::LaneColumns); column++)
        {
            uint32 packed = packedAt(column, end);
#pragma unroll
            for (uint32 pair = 0; pair < Width::Pairs; pair++)
            {
                uint32 element = 2 * (pair * columns + column);
                uint32 word = wordOf<Kind>(column, pair);
                auto even = [&] { return gradient[element]; };
                auto odd = [&] { return gradient[element + 1]; };
                if (element < length)
                    y[element] = elementOf<Kind>(Width::evenCode(packed, pair), word, even);
                if (element + 1 < length)
                    y[element + 1] = elementOf<Kind>(Width::oddCode(packed, pair), word >> 16, odd);
            }
        }
    }

    // The bytes of a column; those behind the group's end are 0.
    DEVICE uint32 packedAt(uint32 column, uint32 end) const
    {
        uint32 packed = 0;
#pragma unroll
        for (uint32 byte = 0; byte < Width::ColumnBytes; byte++)
        {
            uint32 at = byte * columns + column;
            packed |= (at < end ? codes[at] : 0u) << (8 * byte);
        }
        return packed;
    }

    template <Output Kind>
    DEVICE uint32 wordOf(uint32 column, uint32 pair) const
    {
        return Kind == Output::Value ? randomWord(key, column, pair, Width::Pairs) : 0;
    }

    template <Output Kind, class Source>
    DEVICE Raw elementOf(uint32 code, uint32 random, Source source) const
    {
        if constexpr (Kind == Output::Gradient)
            return code == 0 ? (Raw)0 : source();
        else if constexpr (Kind == Output::Nonzero)
            return Element::fromFloat(code == 0 ? 0.0f : 1.0f);
        else
            return valueElementOf(code, random);
    }

    DEVICE Raw valueElementOf(uint32 code, uint32 random) const
    {
        if constexpr (Element::IsDecodedPlaced)
        {
            if (!isSquared && code != zeroCode)
                return Element::decode(code << Width::FractionBits | (~random & ditherMask), scale, offset);
        }
        return Element::fromFloat(valueOf(code, random));
    }

    // A mantissa under the exponent of 2^23 is an integer: w becomes a float without a conversion.
    DEVICE float valueOf(uint32 code, uint32 random) const
    {
        uint32 w = isSquared ? code * code : code << Width::FractionBits | (~random & ditherMask);
        float value = (floatOf(0x4b000000 | w) - 8388608.0f) * scale + offset;
        return code == zeroCode ? 0.0f : value;
    }
};

// A group, and how it is decoded.
struct CodedGroup
{
    GroupSpan span;
    uint32 levels;
    DecodeParameters parameters;

    // The ranks of a tensor whose groups have widths of their own must have been counted.
    static DEVICE CodedGroup at(const uint8* packed, const PackedTensor& tensor, int64 index)
    {
        CodedGroup group;
        group.span = tensor.layout.group(index);
        group.levels = tensor.levels;
        MetadataPlace place = {tensor.layout.metadataOffset, tensor.layout.exponentsOffset, index};
        if (tensor.levels == MixedLevels)
        {
            uint32 widthClass = classOf(packed, index);
            const GroupSection& section = tensor.sections[widthClass];
            place = MetadataPlace{section.metadataOffset, section.exponentsOffset, rankOf(packed, index, widthClass)};
            group.span.codeOffset = section.codesOffset + place.rank * section.stride;
            group.levels = section.levels;
        }
        group.parameters = readMetadata(
            packed, place, codeBitsOf(group.levels), tensor.isEightBit, tensor.grid, tensor.isDithered);
        return group;
    }
};

// A group's codes, in whatever width, and what they become.
template <class Element>
struct GroupCodes
{
    typedef typename Element::Raw Raw;

    const uint8* codes;
    const Raw* gradient;
    Raw* y;
    uint32 length;
    uint64 key;
    float offset;
    float scale;
    uint32 grid;
    bool isDithered;

    DEVICE void fill(Raw value) const
    {
        for (uint32 element = laneIndex(); element < length; element += WarpSize)
            y[element] = value;
    }

    template <uint32 Levels, Output Kind>
    DEVICE void decode() const
    {
        typedef CodeWidth<Levels> Width;
        GroupDecoder<Element, Width> group = {
            codes, gradient, y, length, Width::columns(length), key, offset, scale,
            grid == ZeroExactGrid ? 0 : 0xffffffff, isDithered ? Width::FractionMask : 0, grid == SquaredGrid};
        group.template decode<Kind>();
    }
};

// Of the elements that are written gradient and y have the first one first; they are whole rows.
template <class Element, Output Kind>
DEVICE void unpackTensor(
    const typename Element::Raw* gradient, const uint8* packed, typename Element::Raw* y, const PackedTensor& tensor,
    const UnpackArguments& arguments)
{
    const PackedLayout& layout = tensor.layout;
    int64 firstGroup = layout.groupsBefore(arguments.firstElement);
    int64 endGroup = layout.groupsBefore(arguments.endElement);
    int64 warps = (int64)blockCount() * UnpackWarps;
    int64 tile = smaller(divideUp(endGroup - firstGroup, warps), (int64)WarpSize);
    uint32 lane = laneIndex();
    int64 warp = (int64)blockIndex() * UnpackWarps + warpIndex();
    for (int64 first = firstGroup + warp * tile; first < endGroup; first += warps * tile)
    {
        int64 own = smaller(first + (int64)smaller(lane, (uint32)tile - 1), endGroup - 1);
        auto [span, levels, parameters] = CodedGroup::at(packed, tensor, own);
        uint64 key = Kind == Output::Value ? groupKeyOf(tensor.tensorKey, span.start) : 0;
        uint32 nans = ballot(parameters.isNan);
        uint32 count = (uint32)smaller(tile, endGroup - first);
        for (uint32 i = 0; i < count; i++)
        {
            const uint8* codes = packed + broadcast64((uint64)span.codeOffset, i);
            int64 start = (int64)broadcast64((uint64)span.start, i) - arguments.firstElement;
            uint32 length = broadcast(span.length, i);
            uint64 groupKey = Kind == Output::Value ? broadcast64(key, i) : 0;
            GroupCodes<Element> group = {
                codes, gradient + start, y + start, length, groupKey, broadcastFloat(parameters.offset, i),
                broadcastFloat(parameters.scale, i), tensor.grid, tensor.isDithered};
            switch ((nans >> i & 1) != 0 ? 0 : broadcast(levels, i))
            {
                case 0: group.fill(Element::nan(tensor.isEightBit)); break;
                case 2: group.template decode<2, Kind>(); break;
                case 3: group.template decode<3, Kind>(); break;
                case 4: group.template decode<4, Kind>(); break;
                case 8: group.template decode<8, Kind>(); break;
                case 16: group.template decode<16, Kind>(); break;
                default: group.template decode<256, Kind>(); break;
            }
        }
    }
}

// Read by one thread of a block for all.
SHARED PackedTensor sharedTensor;

template <class Element, uint32 Threads>
DEVICE void fillWithNan(typename Element::Raw* y, int64 count)
{
    for (int64 i = (int64)blockIndex() * Threads + threadIndex(); i < count; i += (int64)blockCount() * Threads)
        y[i] = Element::nan(false);
}

// Reads the header for the block; false where the buffer is not what the shape says. CanBeMixed: whether the kernel
// reads groups of different widths, whose ranks are then counted.
template <class Element, uint32 Threads, bool CanBeMixed = false>
DEVICE bool readTensor(const uint8* packed, const UnpackArguments& arguments)
{
    if (threadIndex() == 0)
        sharedTensor = PackedTensor::read(packed, Element::Type, arguments, CanBeMixed);
    synchronizeBlock();
    if constexpr (CanBeMixed)
    {
        if (sharedTensor.levels == MixedLevels)
            return countRanks<Threads>(packed, sharedTensor.layout.groupCount, sharedTensor.sections);
    }
    return sharedTensor.levels != 0;
}

// Where the tensor cannot be read, y is NaN everywhere: there is nobody on the device to throw to.
template <class Element, uint32 Threads = UnpackThreads, bool CanBeMixed = false>
DEVICE bool openTensor(
    const uint8* packed, typename Element::Raw* y, const UnpackArguments& arguments, bool mustBeZeroExact)
{
    if (readTensor<Element, Threads, CanBeMixed>(packed, arguments)
        && (sharedTensor.grid == ZeroExactGrid || !mustBeZeroExact))
        return true;
    fillWithNan<Element, Threads>(y, arguments.writtenCount());
    return false;
}

template <class Element>
DEVICE void unpackDequant(const uint8* packed, typename Element::Raw* y, const UnpackArguments& arguments)
{
    if (!openTensor<Element, UnpackThreads, true>(packed, y, arguments, false))
        return;
    if (!sharedTensor.layout.areRows(arguments.firstElement, arguments.endElement))
        fillWithNan<Element, UnpackThreads>(y, arguments.writtenCount());
    else if (arguments.isNonzero)
        unpackTensor<Element, Output::Nonzero>(nullptr, packed, y, sharedTensor, arguments);
    else
        unpackTensor<Element, Output::Value>(nullptr, packed, y, sharedTensor, arguments);
}

template <class Element>
DEVICE void reluGradFromCodes(
    const typename Element::Raw* dY, const uint8* packed, typename Element::Raw* dX, const UnpackArguments& arguments)
{
    if (openTensor<Element, UnpackThreads, true>(packed, dX, arguments, true))
        unpackTensor<Element, Output::Gradient>(dY, packed, dX, sharedTensor, arguments);
}
