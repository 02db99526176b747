// The elements of a packed float32 tensor one by one, for kernels that read it in their own order: what a group's
// elements have in common is kept until another group's is asked for.
// MixedLevels is for tensors whose groups have widths of their own.
#pragma once

#include "unpack_dequant.cuh"

template <uint32 Levels>
struct PackedElements
{
    typedef CodeWidth<Levels> Width;

    const uint8* packed;
    const PackedTensor& tensor;
    GroupDecoder<Float32Element, Width> group;
    int64 start;
    int64 end;

    DEVICE PackedElements(const uint8* bytes, const PackedTensor& header)
        : packed(bytes), tensor(header), group(), start(0), end(0)
    {
    }

    DEVICE float at(int64 element)
    {
        if (element < start || element >= end)
            open(element);
        return group.valueAt((uint32)(element - start));
    }

    // The variance of the error of the elements of the group that was read last;
    // 0 where zeros are exact or steps differ.
    DEVICE float variance() const
    {
        if (tensor.grid != MinimumGrid)
            return 0;
        double steps = (double)(1u << Width::FractionBits);
        return group.scale * group.scale * (float)(steps * steps / (tensor.isDithered ? 12 : 6));
    }

private:
    DEVICE void open(int64 element)
    {
        const PackedLayout& layout = tensor.layout;
        int64 index = layout.groupOf(element);
        GroupSpan span = layout.group(index);
        DecodeParameters parameters = Metadata<Width>::read(
            packed, layout, index, tensor.isEightBit, tensor.grid, tensor.isDithered);
        start = span.start;
        end = span.start + span.length;
        group.codes = packed + span.codeOffset;
        group.length = span.length;
        group.columns = Width::columns(span.length);
        group.key = groupKeyOf(tensor.tensorKey, span.start);
        group.offset = parameters.offset;
        // The codes of a group of NaN are 0; with this scale they are NaN.
        group.scale = parameters.isNan ? floatOf(QuietNan) : parameters.scale;
        group.zeroCode = tensor.grid == ZeroExactGrid && !parameters.isNan ? 0 : 0xffffffff;
        group.isSquared = tensor.grid == SquaredGrid;
        group.ditherMask = tensor.isDithered ? Width::FractionMask : 0;
    }
};

template <>
struct PackedElements<MixedLevels>
{
    const uint8* packed;
    const PackedTensor& tensor;
    CodedGroup group;
    const uint8* codes;
    uint32 columns;
    uint32 codeBits;
    uint64 key;
    float errorVariance;
    int64 start;
    int64 end;

    DEVICE PackedElements(const uint8* bytes, const PackedTensor& header)
        : packed(bytes), tensor(header), group(), codes(nullptr), columns(0), codeBits(0), key(0), errorVariance(0),
          start(0), end(0)
    {
    }

    DEVICE float at(int64 element)
    {
        if (element < start || element >= end)
            open(tensor.layout.groupOf(element));
        uint32 inGroup = (uint32)(element - start);
        uint32 pair = inGroup / 2 / columns;
        uint32 column = inGroup / 2 - pair * columns;
        uint32 word = randomWord(key, column, pair, slotsOf(group.levels) / 2);
        return valueOf(codeAt(column, pair, inGroup % 2 != 0), inGroup % 2 != 0 ? word >> 16 : word);
    }

    DEVICE float variance() const { return errorVariance; }

private:
    DEVICE void open(int64 index)
    {
        group = CodedGroup::at(packed, tensor, index);
        start = group.span.start;
        end = start + group.span.length;
        codes = packed + group.span.codeOffset;
        columns = divideUp(group.span.length, slotsOf(group.levels));
        codeBits = codeBitsOf(group.levels);
        key = groupKeyOf(tensor.tensorKey, start);
        // The codes of a group of NaN are 0; with this scale they are NaN.
        if (group.parameters.isNan)
            group.parameters.scale = floatOf(QuietNan);
        double steps = (double)(1u << (16 - codeBits));
        float scale = group.parameters.scale;
        errorVariance = scale * scale * (float)(steps * steps / (tensor.isDithered ? 12 : 6));
        if (tensor.grid != MinimumGrid)
            errorVariance = 0;
    }

    // The code in a half of a column; see CodeWidth.
    DEVICE uint32 codeAt(uint32 column, uint32 pair, bool isOdd) const
    {
        uint32 columnBytes = columnBytesOf(group.levels);
        uint32 end = codeBytesOf(group.levels, group.span.length);
        uint32 bytes = 0;
        for (uint32 byte = 0; byte < columnBytes; byte++)
        {
            uint32 at = byte * columns + column;
            bytes |= (at < end ? codes[at] : 0u) << (8 * byte);
        }
        uint32 half = isOdd ? bytes >> (4 * columnBytes) : bytes & ((1u << (4 * columnBytes)) - 1);
        if (group.levels != 3)
            return half >> (codeBits * pair) & (group.levels - 1);
        uint32 weight = pair == 0 ? 1 : pair == 1 ? 3 : pair == 2 ? 9 : pair == 3 ? 27 : 81;
        return half / weight % 3;
    }

    DEVICE float valueOf(uint32 code, uint32 random) const
    {
        uint32 fractionBits = 16 - codeBits;
        uint32 ditherMask = tensor.isDithered ? (1u << fractionBits) - 1 : 0;
        uint32 w = tensor.grid == SquaredGrid ? code * code : code << fractionBits | (~random & ditherMask);
        float value = (floatOf(0x4b000000 | w) - 8388608.0f) * group.parameters.scale + group.parameters.offset;
        return tensor.grid == ZeroExactGrid && code == 0 && !group.parameters.isNan ? 0.0f : value;
    }
};
