// The table of a packed tensor whose groups have widths of their own: the mirror of
// CustomOps/Runtime/Cpu/Mixed/WidthTable.cs. A group's rank is the number of groups of its class before it. To find it,
// each thread block counts the table once and keeps some of the numbers.
#pragma once

#include "block_sums.cuh"
#include "packed_layout.cuh"

// Numbers that a block keeps of each class but the first.
constexpr uint32 RankEntries = 512;

// How many of some groups have the classes 1, 2 and 3.
struct ClassCounts
{
    uint32 of[WidthClasses - 1] = {};

    // 16 groups, 2 bits each.
    DEVICE void add(uint32 word)
    {
        uint32 low = word & 0x55555555;
        uint32 high = word >> 1 & 0x55555555;
        of[0] += countBits(low & ~high);
        of[1] += countBits(high & ~low);
        of[2] += countBits(low & high);
    }
};

struct GroupRanks
{
    // Groups of a class before every blocksPerEntry-th block of groups.
    uint32 before[WidthClasses - 1][RankEntries];
    uint32 blocksPerEntry;
};

SHARED GroupRanks sharedRanks;

DEVICE uint32 tableWord(const uint8* packed, int64 block) { return ((const uint32*)(packed + HeaderBytes))[block]; }

DEVICE uint32 classOf(const uint8* packed, int64 group)
{
    return tableWord(packed, group / GroupsPerBlock) >> (2 * (group % GroupsPerBlock)) & (WidthClasses - 1);
}

// Counts for the block of threads, all of which take part; false where the sections have other numbers of groups.
template <uint32 Threads>
DEVICE bool countRanks(const uint8* packed, int64 groupCount, const GroupSection* sections)
{
    int64 blocks = divideUp(groupCount, (int64)GroupsPerBlock);
    int64 perEntry = divideUp(blocks, (int64)RankEntries);
    ClassCounts sum;
    for (uint32 first = 0; first < RankEntries; first += Threads)
    {
        ClassCounts counts, totals;
        uint32 entry = first + threadIndex();
        int64 end = entry < RankEntries ? smaller((entry + 1) * perEntry, blocks) : 0;
        for (int64 block = entry * perEntry; block < end; block++)
        {
            // What stands behind the last group is not counted.
            uint32 groups = (uint32)smaller((int64)GroupsPerBlock, groupCount - block * GroupsPerBlock);
            counts.add(tableWord(packed, block) & 0xffffffff >> (2 * (GroupsPerBlock - groups)));
        }
        sumBefore<Threads>(counts.of, totals.of);
#pragma unroll
        for (uint32 i = 0; i < WidthClasses - 1; i++)
        {
            if (entry < RankEntries)
                sharedRanks.before[i][entry] = sum.of[i] + counts.of[i];
            sum.of[i] += totals.of[i];
        }
    }
    if (threadIndex() == 0)
        sharedRanks.blocksPerEntry = (uint32)perEntry;
    synchronizeBlock();
    return sum.of[0] == sections[1].groups && sum.of[1] == sections[2].groups && sum.of[2] == sections[3].groups;
}

// After countRanks.
DEVICE int64 rankOf(const uint8* packed, int64 group, uint32 widthClass)
{
    uint32 block = (uint32)(group / GroupsPerBlock);
    uint32 perEntry = sharedRanks.blocksPerEntry;
    uint32 entry = block / perEntry;
    ClassCounts counts;
#pragma unroll
    for (uint32 i = 0; i < WidthClasses - 1; i++)
        counts.of[i] = sharedRanks.before[i][entry];
    for (uint32 other = entry * perEntry; other < block; other++)
        counts.add(tableWord(packed, other));
    counts.add(tableWord(packed, block) & ((1u << (2 * (group % GroupsPerBlock))) - 1));
    uint32 ofOwn = widthClass == 1 ? counts.of[0] : widthClass == 2 ? counts.of[1] : counts.of[2];
    return widthClass == 0 ? group - counts.of[0] - counts.of[1] - counts.of[2] : ofOwn;
}
