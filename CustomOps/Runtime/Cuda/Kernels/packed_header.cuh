// What the header says of a packed tensor: the mirror of PackedHeader.Read and PackedLayout.Create in CustomOps/Format.
// It is read on the device, because the host would have to wait for it.
#pragma once

#include "code_width.cuh"
#include "counter_random.cuh"
#include "metadata.cuh"
#include "packed_layout.cuh"

constexpr uint8 Version = 2;
constexpr int32 LargestRank = 16;

// The levels of a tensor whose groups have widths of their own.
constexpr uint32 MixedLevels = 1;

// Fields and their order are those of Cuda/UnpackArguments.cs.
struct UnpackArguments
{
    int64 packedBytes;
    int64 elementCount;
    int32 isNonzero;
    int32 rank;
    int64 dimensions[LargestRank];
    // The elements that are written: a slice of the samples, or all.
    int64 firstElement;
    int64 endElement;

    DEVICE int64 writtenCount() const { return endElement - firstElement; }
};

struct PackedTensor
{
    PackedLayout layout;
    uint64 tensorKey;
    // 0 when the buffer is no packed tensor of this type, shape and size; else a width's, or MixedLevels.
    uint32 levels;
    // MinimumGrid, ZeroExactGrid or SquaredGrid.
    uint32 grid;
    bool isDithered;
    bool isEightBit;
    // Where levels is MixedLevels.
    GroupSection sections[WidthClasses];

    // canBeMixed: whether the kernel reads groups of different widths.
    static DEVICE PackedTensor read(
        const uint8* packed, uint8 elementType, const UnpackArguments& arguments, bool canBeMixed = false)
    {
        PackedTensor tensor = {};
        if (arguments.packedBytes < HeaderBytes)
            return tensor;
        const uint8* header = packed;
        uint32 levels = levelsOf(header[6]);
        tensor.grid = header[11] != 0 ? SquaredGrid : header[7] != 0 ? ZeroExactGrid : MinimumGrid;
        tensor.isDithered = header[8] == 0;
        tensor.isEightBit = header[9] != 0;
        tensor.tensorKey = tensorKeyOf(number64(header + 24), number64(header + 32), number64(header + 40));
        int32 axis = (int32)number32(header + 12);
        int32 groupSize = (int32)number32(header + 16);
        uint32 shares = number32(header + 20);
        bool isKnown = number32(header) == 0x504e414f && header[4] == Version && header[5] == elementType && levels != 0
            && header[7] <= 1 && !(header[7] == 1 && levels == 2) && header[8] <= 1 && header[9] <= 1 && header[10] <= 1
            && (header[11] == 0 || (header[11] == 1 && header[7] == 0 && header[8] == 1))
            && (shares == 0 || (canBeMixed && areShares(shares))) && groupSize >= 1 && groupSize <= 1 << 30
            && (int64)number64(header + 48) == arguments.elementCount
            && (int64)number64(header + 56) == arguments.packedBytes;
        if (isKnown && tensor.layOut(levels, shares, header[10] != 0, axis, groupSize, arguments))
            tensor.levels = shares == 0 ? levels : MixedLevels;
        return tensor;
    }

private:
    static DEVICE uint32 number32(const uint8* bytes) { return *(const uint32*)bytes; }
    static DEVICE uint64 number64(const uint8* bytes) { return *(const uint64*)bytes; }

    // Three numbers in a row, none larger than the one before, and a 0.
    static DEVICE bool areShares(uint32 shares)
    {
        uint32 two = shares & 0xff;
        uint32 four = shares >> 8 & 0xff;
        uint32 eight = shares >> 16;
        return eight <= four && four <= two;
    }

    DEVICE bool layOut(
        uint32 levels, uint32 shares, bool isFlat, int32 axis, int64 groupSize, const UnpackArguments& arguments)
    {
        int64 count = arguments.elementCount;
        int64 row = 0;
        if (count > 0)
        {
            row = rowLength(isFlat, axis, arguments);
            if (row == 0)
                return false;
            cutRow(levels, isFlat, groupSize, row);
        }
        int64 rows = count == 0 ? 0 : count / row;
        layout.rowLength = row;
        layout.groupCount = rows * layout.groupsPerRow;
        if (shares != 0)
            return placeSections(levels, shares) == arguments.packedBytes;
        layout.metadataOffset = HeaderBytes;
        layout.exponentsOffset = HeaderBytes + layout.groupCount * metadataBytesOf(isEightBit, grid);
        layout.codesOffset =
            layout.exponentsOffset + (isEightBit ? divideUp(layout.groupCount, (int64)GroupsPerBlock) : 0);
        return layout.codesOffset + rows * layout.rowBytes == arguments.packedBytes;
    }

    // 0 when the axis is not one of the tensor's. Rows shorter than 16 take in the axis to their left.
    static DEVICE int64 rowLength(bool isFlat, int32 groupAxis, const UnpackArguments& arguments)
    {
        int32 rank = arguments.rank;
        if (rank == 0)
            return 1;
        int32 axis = isFlat ? smaller(1, rank - 1) : groupAxis < 0 ? rank + groupAxis : groupAxis;
        if (axis < 0 || axis >= rank)
            return 0;
        int64 row = 1;
        for (int32 i = axis; i < rank; i++)
            row *= arguments.dimensions[i];
        for (; row < 16 && axis > 0; axis--)
            row *= arguments.dimensions[axis - 1];
        return row;
    }

    DEVICE void cutRow(uint32 levels, bool isFlat, int64 size, int64 row)
    {
        layout.groupsPerRow = divideUp(row, size);
        layout.longGroups = isFlat ? row / size : row % layout.groupsPerRow;
        layout.shortLength = (uint32)(isFlat ? row % size : row / layout.groupsPerRow);
        layout.longLength = isFlat ? (uint32)size : layout.shortLength + 1;
        layout.longBytes = codeBytesOf(levels, layout.longLength);
        layout.shortBytes = codeBytesOf(levels, layout.shortLength);
        layout.rowBytes = layout.longGroups * layout.longBytes
            + (layout.groupsPerRow - layout.longGroups) * layout.shortBytes;
    }

    // Puts metadata, exponents and codes of all sections behind each other;
    // tells the bytes of all, -1 where there are too many groups.
    DEVICE int64 placeSections(uint32 levels, uint32 shares)
    {
        if (layout.groupCount > 0xffffffff)
            return -1;
        uint32 longest = layout.longGroups > 0 ? layout.longLength : layout.shortLength;
        layout.longBytes = layout.shortBytes = 0;
        layout.rowBytes = 0;
        int64 offset = HeaderBytes + divideUp(layout.groupCount, (int64)GroupsPerBlock) * TableBytesPerBlock;
#pragma unroll
        for (uint32 i = 0; i < WidthClasses; i++)
        {
            GroupSection& section = sections[i];
            section.levels = i == 0 ? levels : larger(levels, i == 1 ? 4u : i == 2 ? 16u : 256u);
            section.groups = atLeast(i, shares) - (i + 1 < WidthClasses ? atLeast(i + 1, shares) : 0);
            section.stride = codeBytesOf(section.levels, longest);
            section.metadataOffset = offset;
            offset += section.groups * metadataBytesOf(isEightBit, grid);
        }
#pragma unroll
        for (uint32 i = 0; i < WidthClasses; i++)
        {
            sections[i].exponentsOffset = offset;
            offset += isEightBit ? divideUp(sections[i].groups, (int64)GroupsPerBlock) : 0;
        }
#pragma unroll
        for (uint32 i = 0; i < WidthClasses; i++)
        {
            sections[i].codesOffset = offset;
            offset += sections[i].groups * sections[i].stride;
        }
        return offset;
    }

    // How many groups have a class or a wider one.
    DEVICE int64 atLeast(uint32 widthClass, uint32 shares) const
    {
        const int64 whole = 255;
        int64 share = widthClass == 0 ? whole : shares >> (8 * (widthClass - 1)) & 0xff;
        return layout.groupCount / whole * share + layout.groupCount % whole * share / whole;
    }
};
