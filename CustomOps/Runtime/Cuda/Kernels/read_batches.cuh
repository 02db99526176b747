// Where PackedPlanes of the CPU ends what it decodes at once: sums that begin anew there have the CPU's bits if they
// are cut there too.
#pragma once

#include "packed_layout.cuh"

// Batches of groups of a packed tensor that is read from some row on: whole rows, or parts of one.
struct ReadBatches
{
    const PackedLayout& layout;
    int64 groupsAtOnce;
    int64 perRow;
    // 1 where a row has several batches.
    int64 rowsPerBatch;

    DEVICE ReadBatches(const PackedLayout& packed) : layout(packed)
    {
        int64 longest = larger(1u, packed.longGroups > 0 ? packed.longLength : packed.shortLength);
        groupsAtOnce = larger((int64)1, smaller((int64)64, 4096 / longest));
        perRow = divideUp(packed.groupsPerRow, groupsAtOnce);
        rowsPerBatch = larger((int64)1, groupsAtOnce / larger((int64)1, packed.groupsPerRow));
    }

    // The batch of an element; both are counted from where reading begins.
    DEVICE int64 batchOf(int64 element) const
    {
        int64 row = divideIndex(element, layout.rowLength);
        if (perRow <= 1)
            return divideIndex(row, rowsPerBatch);
        return row * perRow + divideIndex(layout.groupInRow(element - row * layout.rowLength), groupsAtOnce);
    }

    // The first element of a batch.
    DEVICE int64 start(int64 batch) const
    {
        if (perRow <= 1)
            return batch * rowsPerBatch * layout.rowLength;
        int64 row = divideIndex(batch, perRow);
        int64 group = (batch - row * perRow) * groupsAtOnce;
        int64 longBefore = smaller(group, layout.longGroups);
        return row * layout.rowLength + longBefore * layout.longLength + (group - longBefore) * layout.shortLength;
    }
};
