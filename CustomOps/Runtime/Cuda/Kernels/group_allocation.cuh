// Which groups get the wider codes: the mirror of CustomOps/Runtime/Cpu/Mixed/GroupAllocation.cs, in two kernels behind
// those of group_scores.cuh. They cut the tensor into parts, one for a block: the first counts what a part has of each
// class, the second goes on from where the parts before it end.
#pragma once

#include "block_sums.cuh"
#include "group_scores.cuh"

constexpr uint32 AllocationThreads = 256;
// A thread has the groups of one word of the table.
constexpr uint32 TileGroups = AllocationThreads * GroupsPerBlock;

// Which groups have a class or a wider one: those of larger keys, and of those with this key the first ones.
struct ClassEnd
{
    uint32 key;
    uint32 equals;
};

SHARED ClassEnd classEnds[WiderClasses];

// Of groups that follow each other, how many have a larger key than each class's end, and how many the same.
struct KeyCounts
{
    uint32 numbers[2 * WiderClasses] = {};

    DEVICE void add(uint32 key)
    {
#pragma unroll
        for (uint32 i = 0; i < WiderClasses; i++)
        {
            numbers[2 * i] += key > classEnds[i].key;
            numbers[2 * i + 1] += key == classEnds[i].key;
        }
    }

    DEVICE void add(const KeyCounts& other)
    {
#pragma unroll
        for (uint32 i = 0; i < 2 * WiderClasses; i++)
            numbers[i] += other.numbers[i];
    }

    // Where these are all groups before one: how many of them have a class or a wider one; and whether it has, too.
    DEVICE uint32 inClass(uint32 i) const { return numbers[2 * i] + smaller(numbers[2 * i + 1], classEnds[i].equals); }
    DEVICE bool isNextInClass(uint32 i, uint32 key) const
    {
        return key > classEnds[i].key || (key == classEnds[i].key && numbers[2 * i + 1] < classEnds[i].equals);
    }

    // The keys of up to 16 groups from one on. There is room behind the last one.
    template <class Action>
    static DEVICE void forEach(const uint16* keys, int64 first, int64 groupCount, Action action)
    {
        if (first >= groupCount)
            return;
        uint32 words[GroupsPerBlock / 2];
        loadWords(keys + first, words);
#pragma unroll
        for (uint32 i = 0; i < GroupsPerBlock; i++)
        {
            if (first + i < groupCount)
                action(i, words[i / 2] >> (16 * (i % 2)) & 0xffff);
        }
    }
};

// All threads of the block take part.
DEVICE void findEnds(const uint32* counts, const AllocationArguments& arguments)
{
    constexpr uint32 PerThread = Keys / AllocationThreads;
    // No key is as large: the class has no groups.
    if (threadIndex() < WiderClasses)
        classEnds[threadIndex()] = ClassEnd{Keys, 0};
    uint32 largest = Keys - 1 - threadIndex() * PerThread;
    uint32 before[1] = {0};
    uint32 all[1];
    for (uint32 i = 0; i < PerThread; i++)
        before[0] += counts[largest - i];
    sumBefore<AllocationThreads>(before, all);
    for (uint32 i = 0; i < PerThread; i++)
    {
        uint32 count = counts[largest - i];
#pragma unroll
        for (uint32 other = 0; other < WiderClasses; other++)
        {
            uint32 wanted = arguments.atLeast[other];
            if (before[0] < wanted && wanted - before[0] <= count)
                classEnds[other] = ClassEnd{largest - i, wanted - before[0]};
        }
        before[0] += count;
    }
    synchronizeBlock();
}

// The first group of the thread in a tile of the block's part.
DEVICE int64 firstOf(int64 tile, const AllocationArguments& arguments)
{
    return (blockIndex() * arguments.tilesPerPart + tile) * TileGroups + threadIndex() * GroupsPerBlock;
}

DEVICE void countGroups(
    const uint16* keys, const uint32* counts, KeyCounts* parts, const AllocationArguments& arguments)
{
    findEnds(counts, arguments);
    int64 groupCount = arguments.layout.groupCount;
    KeyCounts own, all;
    for (int64 tile = 0; tile < arguments.tilesPerPart; tile++)
        KeyCounts::forEach(keys, firstOf(tile, arguments), groupCount, [&](uint32, uint32 key) { own.add(key); });
    sumBefore<AllocationThreads>(own.numbers, all.numbers);
    if (threadIndex() == 0)
        parts[blockIndex()] = all;
}

// Writes the table, and for each rank of each class the group.
DEVICE void assignGroups(
    const uint16* keys, const uint32* counts, const KeyCounts* parts, uint32* order, uint8* packed,
    const AllocationArguments& arguments)
{
    findEnds(counts, arguments);
    int64 groupCount = arguments.layout.groupCount;
    KeyCounts own, all, before;
    if (threadIndex() < blockIndex())
        own = parts[threadIndex()];
    sumBefore<AllocationThreads>(own.numbers, before.numbers);
    for (int64 tile = 0; tile < arguments.tilesPerPart; tile++)
    {
        int64 first = firstOf(tile, arguments);
        own = KeyCounts();
        KeyCounts::forEach(keys, first, groupCount, [&](uint32, uint32 key) { own.add(key); });
        sumBefore<AllocationThreads>(own.numbers, all.numbers);
        own.add(before);
        before.add(all);
        uint32 word = 0;
        KeyCounts::forEach(keys, first, groupCount, [&](uint32 i, uint32 key)
        {
            uint32 widthClass = 0;
            uint32 place = (uint32)(first + i) - own.inClass(0);
#pragma unroll
            for (uint32 wider = 0; wider < WiderClasses; wider++)
            {
                if (!own.isNextInClass(wider, key))
                    continue;
                widthClass = wider + 1;
                // All groups of narrower classes come first.
                place = (uint32)groupCount - arguments.atLeast[wider] + own.inClass(wider)
                    - (wider + 1 < WiderClasses ? own.inClass(wider + 1) : 0);
            }
            order[place] = (uint32)(first + i);
            word |= widthClass << (2 * i);
            own.add(key);
        });
        if (first < groupCount)
            ((uint32*)(packed + HeaderBytes))[first / GroupsPerBlock] = word;
    }
}
