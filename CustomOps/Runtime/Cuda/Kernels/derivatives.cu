#include "derivatives.cuh"

#define DERIVATIVE_KERNELS(Element, type)                                                                           \
    KERNEL(DerivativeThreads) derivative_pack_##type(                                                               \
        const Element::Raw* __restrict__ x, const float* __restrict__ table, uint8* __restrict__ packed,            \
        DerivativePackArguments arguments)                                                                          \
    {                                                                                                               \
        derivativePack<Element>(x, table, packed, arguments);                                                       \
    }                                                                                                               \
    REGISTER_KERNEL(derivative_pack_##type)                                                                         \
                                                                                                                    \
    KERNEL(DerivativeThreads) activation_grad_##type(                                                               \
        const Element::Raw* dY, const uint8* __restrict__ packed, Element::Raw* dX,                                 \
        DerivativeGradientArguments arguments)                                                                      \
    {                                                                                                               \
        activationGradient<Element>(dY, packed, dX, arguments);                                                     \
    }                                                                                                               \
    REGISTER_KERNEL(activation_grad_##type)

DERIVATIVE_KERNELS(Float32Element, float32)
DERIVATIVE_KERNELS(Float16Element, float16)
DERIVATIVE_KERNELS(BFloat16Element, bfloat16)
DERIVATIVE_KERNELS(Float64Element, float64)
