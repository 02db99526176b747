#include "masks.cuh"

typedef short int16;

#define MASK_PACK_KERNEL(Signed, bits)                                                                              \
    KERNEL(MaskThreads) mask_pack_##bits(                                                                           \
        const Signed* __restrict__ x, uint8* __restrict__ packed, MaskPackArguments arguments)                      \
    {                                                                                                               \
        maskPack<Signed>(x, packed, arguments);                                                                     \
    }                                                                                                               \
    REGISTER_KERNEL(mask_pack_##bits)

#define MASK_GRADIENT_KERNELS(Element, type)                                                                        \
    KERNEL(MaskThreads) mask_keep_##type(                                                                           \
        const Element::Raw* dY, const uint8* __restrict__ packed, Element::Raw* dX, MaskArguments arguments)        \
    {                                                                                                               \
        maskKeep<Element>(dY, packed, dX, arguments);                                                               \
    }                                                                                                               \
    REGISTER_KERNEL(mask_keep_##type)                                                                               \
                                                                                                                    \
    KERNEL(MaskThreads) mask_scale_##type(                                                                          \
        const Element::Raw* dY, const uint8* __restrict__ packed, Element::Raw* dX, MaskArguments arguments)        \
    {                                                                                                               \
        maskScale<Element>(dY, packed, dX, arguments);                                                              \
    }                                                                                                               \
    REGISTER_KERNEL(mask_scale_##type)

MASK_PACK_KERNEL(int8, 8)
MASK_PACK_KERNEL(int16, 16)
MASK_PACK_KERNEL(int32, 32)
MASK_PACK_KERNEL(int64, 64)

KERNEL(MaskThreads) mask_unpack(const uint8* __restrict__ packed, uint8* __restrict__ y, MaskArguments arguments)
{
    maskUnpack(packed, y, arguments);
}
REGISTER_KERNEL(mask_unpack)

MASK_GRADIENT_KERNELS(Float32Element, float32)
MASK_GRADIENT_KERNELS(Float16Element, float16)
MASK_GRADIENT_KERNELS(BFloat16Element, bfloat16)
MASK_GRADIENT_KERNELS(Float64Element, float64)
