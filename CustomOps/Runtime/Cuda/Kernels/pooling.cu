#include "pooling.cuh"

#define POOL_GRADIENT_KERNEL(Element, type)                                                                         \
    KERNEL(PoolThreads) max_pool_grad_##type(                                                                       \
        const Element::Raw* __restrict__ dY, const uint8* __restrict__ packed, Element::Raw* __restrict__ dX,       \
        PoolArguments arguments)                                                                                    \
    {                                                                                                               \
        maxPoolGrad<Element>(dY, packed, dX, arguments);                                                            \
    }                                                                                                               \
    REGISTER_KERNEL(max_pool_grad_##type)

KERNEL(PoolThreads) index_pack(const int64* __restrict__ indices, uint8* __restrict__ packed, PoolArguments arguments)
{
    indexPack(indices, packed, arguments);
}
REGISTER_KERNEL(index_pack)

#define POOL_KERNEL(Element, type)                                                                                  \
    KERNEL(PoolThreads) max_pool_index_pack_##type(                                                                 \
        const Element::Raw* __restrict__ x, uint8* __restrict__ packed, Element::Raw* __restrict__ y,               \
        PoolArguments arguments)                                                                                    \
    {                                                                                                               \
        maxPoolIndexPack<Element>(x, packed, y, arguments);                                                         \
    }                                                                                                               \
    REGISTER_KERNEL(max_pool_index_pack_##type)

POOL_KERNEL(Float32Element, float32)
POOL_KERNEL(Float16Element, float16)
POOL_KERNEL(BFloat16Element, bfloat16)
POOL_KERNEL(Float64Element, float64)

POOL_GRADIENT_KERNEL(Float32Element, float32)
POOL_GRADIENT_KERNEL(Float16Element, float16)
POOL_GRADIENT_KERNEL(BFloat16Element, bfloat16)
POOL_GRADIENT_KERNEL(Float64Element, float64)
