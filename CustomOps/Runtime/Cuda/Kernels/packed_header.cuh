// What the header says of a packed tensor: the mirror of PackedHeader.Read and PackedLayout.Create in CustomOps/Format. It is
// read on the device, because the host would have to wait for it.
#pragma once

#include "code_width.cuh"
#include "counter_random.cuh"
#include "metadata.cuh"
#include "packed_layout.cuh"

constexpr int32 LargestRank = 16;

// Fields and their order are those of Cuda/UnpackArguments.cs.
struct UnpackArguments
{
    int64 packedBytes;
    int64 elementCount;
    int32 isNonzero;
    int32 rank;
    int64 dimensions[LargestRank];
};

struct PackedTensor
{
    PackedLayout layout;
    uint64 tensorKey;
    // 0 when the buffer is no packed tensor of this type, shape and size.
    uint32 levels;
    // MinimumGrid, ZeroExactGrid or SquaredGrid.
    uint32 grid;
    bool isDithered;
    bool isEightBit;

    static DEVICE PackedTensor read(const uint8* packed, uint8 elementType, const UnpackArguments& arguments)
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
        bool isKnown = number32(header) == 0x504e414f && header[4] == 1 && header[5] == elementType && levels != 0
            && header[7] <= 1 && !(header[7] == 1 && levels == 2) && header[8] <= 1 && header[9] <= 1 && header[10] <= 1
            && (header[11] == 0 || (header[11] == 1 && header[7] == 0 && header[8] == 1)) && number32(header + 20) == 0 && groupSize >= 1 && groupSize <= 1 << 30
            && (int64)number64(header + 48) == arguments.elementCount
            && (int64)number64(header + 56) == arguments.packedBytes;
        if (isKnown && tensor.layOut(levels, header[10] != 0, axis, groupSize, arguments))
            tensor.levels = levels;
        return tensor;
    }

private:
    static DEVICE uint32 number32(const uint8* bytes) { return *(const uint32*)bytes; }
    static DEVICE uint64 number64(const uint8* bytes) { return *(const uint64*)bytes; }

    DEVICE bool layOut(uint32 levels, bool isFlat, int32 axis, int64 groupSize, const UnpackArguments& arguments)
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
        layout.exponentsOffset = HeaderBytes + layout.groupCount * (isEightBit ? 1 : 2) * (grid == MinimumGrid ? 2 : 1);
        layout.codesOffset = layout.exponentsOffset + (isEightBit ? divideUp(layout.groupCount, (int64)GroupsPerBlock) : 0);
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
};
