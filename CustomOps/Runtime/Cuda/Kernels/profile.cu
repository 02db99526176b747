#include "profile.cuh"

#define PROFILE_KERNEL(Element, type)                                                                               \
    KERNEL(ProfileThreads) act_profile_##type(                                                                      \
        const Element::Raw* __restrict__ x, ProfiledGroup* __restrict__ groups, ProfileArguments arguments)         \
    {                                                                                                               \
        actProfile<Element>(x, groups, arguments);                                                                  \
    }                                                                                                               \
    REGISTER_KERNEL(act_profile_##type)

PROFILE_KERNEL(Float32Element, float32)
PROFILE_KERNEL(Float16Element, float16)
PROFILE_KERNEL(BFloat16Element, bfloat16)
PROFILE_KERNEL(Float64Element, float64)
