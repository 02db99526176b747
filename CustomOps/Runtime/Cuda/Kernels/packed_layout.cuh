// Where everything lies in a packed tensor: the mirror of CustomOps/Format/PackedLayout.cs.
#pragma once

#include "device.cuh"

constexpr uint32 HeaderBytes = 64;
constexpr uint32 GroupsPerBlock = 16;

struct GroupSpan
{
    int64 start;
    int64 codeOffset;
    uint32 length;
};

// Fields and their order are those of Cuda/LayoutArguments.cs.
struct PackedLayout
{
    int64 groupCount;
    int64 groupsPerRow;
    int64 longGroups;
    int64 rowLength;
    int64 rowBytes;
    int64 exponentsOffset;
    int64 codesOffset;
    uint32 longLength;
    uint32 shortLength;
    uint32 longBytes;
    uint32 shortBytes;

    DEVICE GroupSpan group(int64 index) const
    {
        int64 row = divideIndex(index, groupsPerRow);
        int64 inRow = index - row * groupsPerRow;
        int64 longBefore = smaller(inRow, longGroups);
        int64 shortBefore = inRow - longBefore;
        return GroupSpan{
            row * rowLength + longBefore * longLength + shortBefore * shortLength,
            codesOffset + row * rowBytes + longBefore * longBytes + shortBefore * shortBytes,
            inRow < longGroups ? longLength : shortLength,
        };
    }

    // The group, counted from its row's first one, of an element of the row.
    DEVICE int64 groupInRow(int64 element) const
    {
        int64 longEnd = longGroups * longLength;
        return element < longEnd ? divideIndex(element, longLength) : longGroups + divideIndex(element - longEnd, shortLength);
    }
};
