#include "group_allocation.cuh"

#define KEY_KERNEL(Element, type)                                                                                   \
    KERNEL(KeyThreads) group_keys_##type(                                                                           \
        const Element::Raw* __restrict__ x, uint32* __restrict__ counts, uint16* __restrict__ keys,                 \
        AllocationArguments arguments)                                                                              \
    {                                                                                                               \
        groupKeys<Element>(x, counts, keys, arguments);                                                             \
    }                                                                                                               \
    REGISTER_KERNEL(group_keys_##type)

KEY_KERNEL(Float32Element, float32)
KEY_KERNEL(Float16Element, float16)
KEY_KERNEL(BFloat16Element, bfloat16)
KEY_KERNEL(Float64Element, float64)

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
