// Where everything lies in a packed tensor: the mirror of CustomOps/Format/PackedLayout.cs and GroupSection.cs.
#pragma once

#include "device.cuh"

constexpr uint32 HeaderBytes = 64;
constexpr uint32 GroupsPerBlock = 16;

// Bytes of the table of widths for a block of groups, and the classes that it tells apart.
constexpr uint32 TableBytesPerBlock = GroupsPerBlock * 2 / 8;
constexpr uint32 WidthClasses = 4;

struct GroupSpan
{
    int64 start;
    int64 codeOffset;
    uint32 length;
};

// The groups of one class, each with a rank among them.
struct GroupSection
{
    int64 groups;
    int64 metadataOffset;
    int64 exponentsOffset;
    int64 codesOffset;
    // Bytes from one group's codes to the next one's.
    uint32 stride;
    uint32 levels;
};

// Fields and their order are those of Cuda/LayoutArguments.cs.
// Where groups have widths of their own, those of one class.
struct PackedLayout
{
    int64 groupCount;
    int64 groupsPerRow;
    int64 longGroups;
    int64 rowLength;
    int64 rowBytes;
    int64 metadataOffset;
    int64 exponentsOffset;
    int64 codesOffset;
    uint32 longLength;
    uint32 shortLength;
    uint32 longBytes;
    uint32 shortBytes;
    // 0 where all groups have one width.
    uint32 stride;

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

    // The group whose codes are those of a rank.
    DEVICE GroupSpan ranked(int64 rank, const uint32* order) const
    {
        GroupSpan span = group(order[rank]);
        span.codeOffset += rank * stride;
        return span;
    }

    // Groups before an element with which a row begins.
    DEVICE int64 groupsBefore(int64 element) const { return divideIndex(element, rowLength) * groupsPerRow; }

    // Whether these elements are whole rows.
    DEVICE bool areRows(int64 first, int64 end) const
    {
        return divideIndex(first, rowLength) * rowLength == first && divideIndex(end, rowLength) * rowLength == end;
    }

    // The group, counted from its row's first one, of an element of the row.
    DEVICE int64 groupInRow(int64 element) const
    {
        int64 longEnd = longGroups * longLength;
        return element < longEnd
            ? divideIndex(element, longLength)
            : longGroups + divideIndex(element - longEnd, shortLength);
    }

    // The group of an element of the tensor.
    DEVICE int64 groupOf(int64 element) const
    {
        int64 row = divideIndex(element, rowLength);
        return row * groupsPerRow + groupInRow(element - row * rowLength);
    }
};
