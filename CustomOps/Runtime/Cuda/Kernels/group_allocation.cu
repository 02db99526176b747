#include "group_allocation.cuh"

#define RANGE_KERNEL(Element, type)                                                                                 \
    KERNEL(KeyThreads) group_ranges_##type(                                                                         \
        const Element::Raw* __restrict__ x, uint32* __restrict__ largest, float* __restrict__ ranges,               \
        AllocationArguments arguments)                                                                              \
    {                                                                                                               \
        groupRanges<Element>(x, largest, ranges, arguments);                                                        \
    }                                                                                                               \
    REGISTER_KERNEL(group_ranges_##type)

RANGE_KERNEL(Float32Element, float32)
RANGE_KERNEL(Float16Element, float16)
RANGE_KERNEL(BFloat16Element, bfloat16)
RANGE_KERNEL(Float64Element, float64)

// What these add to does not come last: replays of a launch begin with other bytes there.
KERNEL(KeyThreads) channel_sums(
    int64* __restrict__ sums, const uint32* __restrict__ largest, const float* __restrict__ ranges,
    AllocationArguments arguments)
{
    channelSums(ranges, largest, sums, arguments);
}
REGISTER_KERNEL(channel_sums)

KERNEL(KeyThreads) sample_sums(
    int64* __restrict__ samples, const int64* __restrict__ sums, const uint32* __restrict__ largest,
    const float* __restrict__ ranges, AllocationArguments arguments)
{
    sampleSums(ranges, largest, sums, samples, arguments);
}
REGISTER_KERNEL(sample_sums)

KERNEL(KeyThreads) group_keys(
    const float* __restrict__ ranges, const uint32* __restrict__ largest, const int64* __restrict__ sums,
    const int64* __restrict__ samples, uint32* __restrict__ counts, uint16* __restrict__ keys,
    AllocationArguments arguments)
{
    groupKeys(ranges, largest, sums, samples, counts, keys, arguments);
}
REGISTER_KERNEL(group_keys)

KERNEL(AllocationThreads) count_groups(
    const uint16* __restrict__ keys, const uint32* __restrict__ counts, KeyCounts* __restrict__ parts,
    AllocationArguments arguments)
{
    countGroups(keys, counts, parts, arguments);
}
REGISTER_KERNEL(count_groups)

KERNEL(AllocationThreads) assign_groups(
    const uint16* __restrict__ keys, const uint32* __restrict__ counts, const KeyCounts* __restrict__ parts,
    uint32* __restrict__ order, uint8* __restrict__ packed, AllocationArguments arguments)
{
    assignGroups(keys, counts, parts, order, packed, arguments);
}
REGISTER_KERNEL(assign_groups)
