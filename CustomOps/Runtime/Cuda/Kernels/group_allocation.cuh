// Which groups get the wider codes: the mirror of CustomOps/Runtime/Cpu/Mixed/GroupAllocation.cs, in three kernels. The
// first finds the key of each group and counts how many have it. The others cut the tensor into parts, one for a block:
// the second counts what a part has of each class, the third goes on from where the parts before it end.
#pragma once

#include "block_sums.cuh"
#include "quantize_pack.cuh"

constexpr uint32 KeyShift = 20;
constexpr uint32 Keys = 1u << (31 - KeyShift);
constexpr uint32 KeyThreads = 512;
constexpr uint32 KeyWarps = KeyThreads / WarpSize;
constexpr uint32 AllocationThreads = 256;
constexpr uint32 WiderClasses = WidthClasses - 1;
// A thread has the groups of one word of the table.
constexpr uint32 TileGroups = AllocationThreads * GroupsPerBlock;

// Fields and their order are those of Cuda/AllocationArguments.cs.
struct AllocationArguments
{
    PackedLayout layout;
    // At most as many parts as a block has threads.
    int64 tilesPerPart;
    // How many groups have the class 1, 2 or 3, or a wider one.
    uint32 atLeast[WiderClasses];
    uint32 isOfMagnitudes;
};

SHARED uint32 keyCounts[Keys];

// Groups with NaN or infinity decode to NaN in any width, so they come last.
DEVICE uint32 keyOf(const GroupRange& range)
{
    return range.isFinite ? bitsOf(range.maximum - range.minimum) >> KeyShift : 0;
}

// A warp finds the range of one group after the other. The counts are 0 before.
template <class Element>
DEVICE void groupKeys(
    const typename Element::Raw* x, uint32* counts, uint16* keys, const AllocationArguments& arguments)
{
    for (uint32 key = threadIndex(); key < Keys; key += KeyThreads)
        keyCounts[key] = 0;
    synchronizeBlock();
    const PackedLayout& layout = arguments.layout;
    bool isOfMagnitudes = arguments.isOfMagnitudes != 0;
    int64 warps = (int64)blockCount() * KeyWarps;
    for (int64 index = (int64)blockIndex() * KeyWarps + warpIndex(); index < layout.groupCount; index += warps)
    {
        GroupSpan span = layout.group(index);
        // Nothing is encoded here, so the width and the place of the codes make no difference.
        span.codeOffset = 0;
        GroupEncoder<Element, CodeWidth<256>> group(x, (uint8*)keys, span);
        int32 largestSigned;
        uint32 largest, smallest;
        group.findRange(isOfMagnitudes, largestSigned, largest, smallest);
        if (laneIndex() == 0)
        {
            uint32 key = keyOf(GroupRange::fromBits(largestSigned, largest, smallest, isOfMagnitudes));
            keys[index] = (uint16)key;
            addAtomically(keyCounts + key, 1);
        }
    }
    synchronizeBlock();
    for (uint32 key = threadIndex(); key < Keys; key += KeyThreads)
    {
        if (keyCounts[key] != 0)
            addAtomically(counts + key, keyCounts[key]);
    }
}

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
