#include "batch_normalization.cuh"

KERNEL(NormalizationThreads) batch_normalization_from_packed(
    const uint8* __restrict__ packed, const float* __restrict__ scale, const float* __restrict__ bias,
    const float* __restrict__ mean, const float* __restrict__ inverse, const uint8* __restrict__ mask,
    const float* addend, float* y, NormalizationArguments arguments)
{
    batchNormalizationFromPacked(packed, ChannelStatistics{scale, mean, inverse}, bias, mask, addend, y, arguments);
}
REGISTER_KERNEL(batch_normalization_from_packed)

KERNEL(SumThreads) batch_normalization_grad_from_packed(
    const float* dY, const uint8* __restrict__ packed, const float* __restrict__ scale,
    const float* __restrict__ mean, const float* __restrict__ inverse, const uint8* __restrict__ mask,
    float* __restrict__ dScale, float* __restrict__ dBias, float* dX, NormalizationArguments arguments)
{
    batchNormalizationGradFromPacked(
        dY, packed, ChannelStatistics{scale, mean, inverse}, mask, dX, dScale, dBias, arguments);
}
REGISTER_KERNEL(batch_normalization_grad_from_packed)
