// The entries of one element type: a pack for each number of levels, and one unpack and one gradient,
// which learn them from the header.
#pragma once

#include "quantize_pack.cuh"
#include "unpack_dequant.cuh"

#define PACK_KERNEL(Element, type, levels)                                                                          \
    KERNEL(PackThreads) quantize_pack_##type##_##levels(                                                            \
        const Element::Raw* __restrict__ x, const uint32* __restrict__ order, uint8* __restrict__ packed,           \
        PackArguments arguments)                                                                                    \
    {                                                                                                               \
        quantizePack<Element, levels>(x, order, packed, arguments);                                                 \
    }                                                                                                               \
    REGISTER_KERNEL(quantize_pack_##type##_##levels)

#define UNPACK_KERNEL(Element, type)                                                                                \
    KERNEL(UnpackThreads) unpack_dequant_##type(                                                                    \
        const uint8* __restrict__ packed, Element::Raw* __restrict__ y, UnpackArguments arguments)                  \
    {                                                                                                               \
        unpackDequant<Element>(packed, y, arguments);                                                               \
    }                                                                                                               \
    REGISTER_KERNEL(unpack_dequant_##type)

#define GRADIENT_KERNEL(Element, type)                                                                              \
    KERNEL(UnpackThreads) relu_grad_from_codes_##type(                                                              \
        const Element::Raw* dY, const uint8* __restrict__ packed, Element::Raw* dX,                                 \
        UnpackArguments arguments)                                                                                  \
    {                                                                                                               \
        reluGradFromCodes<Element>(dY, packed, dX, arguments);                                                      \
    }                                                                                                               \
    REGISTER_KERNEL(relu_grad_from_codes_##type)

#define QUANTIZE_KERNELS(Element, type)                                                                             \
    PACK_KERNEL(Element, type, 2)                                                                                   \
    PACK_KERNEL(Element, type, 3)                                                                                   \
    PACK_KERNEL(Element, type, 4)                                                                                   \
    PACK_KERNEL(Element, type, 8)                                                                                   \
    PACK_KERNEL(Element, type, 16)                                                                                  \
    PACK_KERNEL(Element, type, 256)                                                                                 \
    UNPACK_KERNEL(Element, type)                                                                                     \
    GRADIENT_KERNEL(Element, type)
