// What groups are ranked by: the mirror of GroupScores.cs and GroupKeys.cs in CustomOps/Runtime/Cpu/Mixed. Blocks add
// up integers, and find the largest of some, atomically: their order makes no difference.
#pragma once

#include "quantize_pack.cuh"

constexpr uint32 KeyThreads = 512;
constexpr uint32 KeyWarps = KeyThreads / WarpSize;
constexpr uint32 Keys = 1u << 11;
constexpr uint32 WiderClasses = WidthClasses - 1;

// Leaves exponent and first three bits of a range; six of a score.
constexpr uint32 RangeShift = 20;
constexpr uint32 ScoreShift = 17;
constexpr int32 LeastScore = (127 - 16) << (23 - ScoreShift);

constexpr double ScoreOne = 1 << 30;
constexpr double SampleOne = 1 << 16;

constexpr uint32 RangeOrder = 0;
constexpr uint32 SampleOrderBit = 2;

// Fields and their order are those of Cuda/AllocationArguments.cs.
struct AllocationArguments
{
    PackedLayout layout;
    // At most as many parts as a block has threads.
    int64 tilesPerPart;
    // One, of all elements, where the order is not relative.
    int64 channels;
    int64 channelElements;
    int64 sampleElements;
    // How many groups have the class 1, 2 or 3, or a wider one.
    uint32 atLeast[WiderClasses];
    uint32 isOfMagnitudes;
    // RangeOrder, or else bits.
    uint32 order;

    DEVICE int64 channelOf(const GroupSpan& span) const
    {
        return channels == 1 ? 0 : divideIndex(span.start, channelElements) % channels;
    }

    // For each group, whichever thread has it.
    template <class Action>
    DEVICE void forEachGroup(Action action) const
    {
        int64 threads = (int64)blockCount() * KeyThreads;
        int64 first = (int64)blockIndex() * KeyThreads + threadIndex();
        for (int64 index = first; index < layout.groupCount; index += threads)
            action(index, layout.group(index));
    }
};

// A warp finds the range of one group after the other; NaN stands for those that are not finite. The largest are 0
// before.
template <class Element>
DEVICE void groupRanges(
    const typename Element::Raw* x, uint32* largestOfChannels, float* ranges, const AllocationArguments& arguments)
{
    const PackedLayout& layout = arguments.layout;
    bool isOfMagnitudes = arguments.isOfMagnitudes != 0;
    int64 warps = (int64)blockCount() * KeyWarps;
    for (int64 index = (int64)blockIndex() * KeyWarps + warpIndex(); index < layout.groupCount; index += warps)
    {
        GroupSpan span = layout.group(index);
        // Nothing is encoded here, so the width and the place of the codes make no difference.
        span.codeOffset = 0;
        GroupEncoder<Element, CodeWidth<256>> group(x, (uint8*)ranges, span);
        int32 largestSigned;
        uint32 largest, smallest;
        group.findRange(isOfMagnitudes, largestSigned, largest, smallest);
        if (laneIndex() == 0)
        {
            GroupRange range = GroupRange::fromBits(largestSigned, largest, smallest, isOfMagnitudes);
            float width = range.maximum - range.minimum;
            ranges[index] = range.isFinite ? width : floatOf(0x7fc00000);
            if (arguments.order != RangeOrder && range.isFinite)
                maximizeAtomically(largestOfChannels + arguments.channelOf(span), smaller(bitsOf(width), 0x7f7fffffu));
        }
    }
}

struct GroupScores
{
    const float* ranges;
    const uint32* largest;
    const int64* sums;
    const AllocationArguments& arguments;

    // In units of the channel's largest.
    DEVICE double squareOf(int64 group, int64 channel) const
    {
        float width = ranges[group];
        if (largest[channel] == 0 || !(width >= 0))
            return 0;
        double part = (double)smaller(width, floatOf(0x7f7fffff)) / (double)floatOf(largest[channel]);
        return part * part;
    }

    // In units of the channel's mean.
    DEVICE double of(int64 group, int64 channel) const
    {
        int64 sum = sums[channel];
        double mean = (double)sum / (double)(arguments.layout.groupCount / arguments.channels);
        return sum > 0 ? squareOf(group, channel) * ScoreOne / mean : 0;
    }
};

// The sums are 0 before, those of samples too.
DEVICE void channelSums(const float* ranges, const uint32* largest, int64* sums, const AllocationArguments& arguments)
{
    GroupScores scores{ranges, largest, nullptr, arguments};
    arguments.forEachGroup([&](int64 index, const GroupSpan& span)
    {
        int64 channel = arguments.channelOf(span);
        addAtomically(sums + channel, (int64)(scores.squareOf(index, channel) * ScoreOne));
    });
}

DEVICE void sampleSums(
    const float* ranges, const uint32* largest, const int64* sums, int64* samples, const AllocationArguments& arguments)
{
    GroupScores scores{ranges, largest, sums, arguments};
    arguments.forEachGroup([&](int64 index, const GroupSpan& span)
    {
        double score = scores.of(index, arguments.channelOf(span));
        int64 sample = divideIndex(span.start, arguments.sampleElements);
        addAtomically(samples + sample, span.length * (int64)(score * SampleOne));
    });
}

DEVICE uint32 keyOfScore(double score)
{
    int32 key = (int32)(bitsOf((float)score) >> ScoreShift) - LeastScore;
    return (uint32)smaller(larger(key, 0), (int32)Keys - 1);
}

// Groups with NaN or infinity decode to NaN in any width, so they come last.
DEVICE uint32 keyOfRange(float range) { return range >= 0 ? bitsOf(range) >> RangeShift : 0; }

SHARED uint32 keyCounts[Keys];

// The key of each group, and how many have it. The counts are 0 before.
DEVICE void groupKeys(
    const float* ranges, const uint32* largest, const int64* sums, const int64* samples, uint32* counts, uint16* keys,
    const AllocationArguments& arguments)
{
    for (uint32 key = threadIndex(); key < Keys; key += KeyThreads)
        keyCounts[key] = 0;
    synchronizeBlock();
    GroupScores scores{ranges, largest, sums, arguments};
    arguments.forEachGroup([&](int64 index, const GroupSpan& span)
    {
        uint32 key;
        if (arguments.order == RangeOrder)
            key = keyOfRange(ranges[index]);
        else if ((arguments.order & SampleOrderBit) == 0)
            key = keyOfScore(scores.of(index, arguments.channelOf(span)));
        else
            key = keyOfScore((double)samples[divideIndex(span.start, arguments.sampleElements)]
                / ((double)arguments.sampleElements * SampleOne));
        keys[index] = (uint16)key;
        addAtomically(keyCounts + key, 1);
    });
    synchronizeBlock();
    for (uint32 key = threadIndex(); key < Keys; key += KeyThreads)
    {
        if (keyCounts[key] != 0)
            addAtomically(counts + key, keyCounts[key]);
    }
}
