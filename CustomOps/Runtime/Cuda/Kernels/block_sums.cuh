// Sums over the threads of a block.
#pragma once

#include "device.cuh"

constexpr uint32 MostSumWarps = 32;
constexpr uint32 MostSums = 6;

SHARED uint32 warpSums[MostSums][MostSumWarps];

// Makes each count the sum of those of the threads before, and tells the sums of all. All threads take part.
template <uint32 Threads, uint32 Count>
DEVICE void sumBefore(uint32 (&counts)[Count], uint32 (&totals)[Count])
{
    static_assert(Count <= MostSums && Threads <= MostSumWarps * WarpSize, "there is no room for so many");
    uint32 lane = laneIndex();
    uint32 warp = warpIndex();
#pragma unroll
    for (uint32 i = 0; i < Count; i++)
    {
        uint32 own = counts[i];
        uint32 sum = own;
        for (uint32 step = 1; step < WarpSize; step *= 2)
        {
            uint32 other = broadcast(sum, lane >= step ? lane - step : lane);
            sum += lane >= step ? other : 0;
        }
        if (lane == WarpSize - 1)
            warpSums[i][warp] = sum;
        counts[i] = sum - own;
    }
    synchronizeBlock();
#pragma unroll
    for (uint32 i = 0; i < Count; i++)
    {
        totals[i] = 0;
        for (uint32 other = 0; other < Threads / WarpSize; other++)
        {
            counts[i] += other < warp ? warpSums[i][other] : 0;
            totals[i] += warpSums[i][other];
        }
    }
    // The next sums go to the same place.
    synchronizeBlock();
}
