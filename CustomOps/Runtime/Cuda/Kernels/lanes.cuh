// How the lanes of a warp share the columns of a group:
// each has Width::LaneColumns neighbouring ones, and 2 elements of a pair in each.
#pragma once

#include "code_width.cuh"
#include "elements.cuh"

// Columns that a warp works on at once.
template <class Width>
constexpr uint32 WarpColumns = WarpSize * Width::LaneColumns;

// A lane's elements of one pair.
template <class Element, class Width>
using LaneChunk = Chunk<Element, Width::LaneElements>;

// Whether every lane has all its elements or none, and all accesses to elements and codes are aligned.
template <class Element, class Width>
DEVICE bool isWholeGroup(const typename Element::Raw* elements, const uint8* codes, uint32 length)
{
    uint32 columns = Width::columns(length);
    return length == columns * Width::Slots && columns % Width::LaneColumns == 0
        && isAligned(elements, LaneChunk<Element, Width>::Alignment) && isAligned(codes, Width::LaneColumns);
}
