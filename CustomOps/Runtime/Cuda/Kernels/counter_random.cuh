// The counter-based random numbers: the mirror of CustomOps/Format/CounterRandom.cs.
#pragma once

#include "device.cuh"

DEVICE uint64 mix(uint64 x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

DEVICE uint64 tensorKeyOf(uint64 seed, uint64 tensorId, uint64 run)
{
    const uint64 golden = 0x9e3779b97f4a7c15;
    uint64 mixed = mix(seed + golden);
    mixed = mix((mixed ^ tensorId) + golden);
    return mix((mixed ^ run) + golden);
}

DEVICE uint64 groupKeyOf(uint64 tensorKey, int64 start) { return mix(tensorKey + (uint64)start * 0x9e3779b97f4a7c15); }

// The 32 random bits of a pair of slots: 16 for the even slot in the low half, 16 for the odd one in the high half. Two
// pairs of a column share a counter.
DEVICE uint32 randomWord(uint64 groupKey, uint32 column, uint32 pair, uint32 pairs)
{
    uint32 x = (column * ((pairs + 1) / 2) + pair / 2) * 0x9e3779b9 + (uint32)groupKey;
    x = (x ^ x >> 15) + (uint32)(groupKey >> 32);
    x *= pair % 2 == 0 ? 0x846ca68b : 0x7feb352d;
    return x ^ x >> 16;
}
