// The elements of a packed float32 tensor one by one, for kernels that read it in their own order: what a group's elements have in
// common is kept until another group's is asked for.
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

    DEVICE PackedElements(const uint8* bytes, const PackedTensor& header) : packed(bytes), tensor(header), group(), start(0), end(0) {}

    DEVICE float at(int64 element)
    {
        if (element < start || element >= end)
            open(element);
        return group.valueAt((uint32)(element - start));
    }

    // The variance of the error of the elements of the group that was read last; 0 where zeros are exact or steps differ.
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
        int64 row = divideIndex(element, layout.rowLength);
        int64 index = row * layout.groupsPerRow + layout.groupInRow(element - row * layout.rowLength);
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
