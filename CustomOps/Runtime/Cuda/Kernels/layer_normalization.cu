// LayerNormalizationFromPacked: the mirror of CustomOps/Runtime/Cpu/Normalization/LayerNormalizationFromPacked.cs. A
// warp works on elements that follow each other.
#include "layer_normalization.cuh"

constexpr int64 LayerSpan = 1024;

template <uint32 Levels>
DEVICE void normalizeRows(
    const uint8* packed, const RowStatistics& statistics, float* y, const LayerNormalizationArguments& arguments)
{
    PackedElements<Levels> x(packed, sharedTensor);
    int64 first = ((int64)blockIndex() * UnpackWarps + warpIndex()) * LayerSpan;
    int64 end = smaller(first + LayerSpan, arguments.tensor.elementCount);
    int64 rowStart = 0;
    int64 rowEnd = 0;
    float factor = 0;
    float offset = 0;
    for (int64 i = first + laneIndex(); i < end; i += WarpSize)
    {
        if (i >= rowEnd)
        {
            int64 row = divideIndex(i, arguments.columns);
            rowStart = row * arguments.columns;
            rowEnd = (row + 1) * arguments.columns;
            factor = statistics.inverse[row];
            offset = -(arguments.hasMean ? statistics.mean[row] : 0.0f) * factor;
        }
        float value = (x.at(i) * factor + offset) * statistics.scale[i - rowStart];
        y[i] = arguments.hasBias ? value + statistics.bias[i - rowStart] : value;
    }
}

KERNEL(UnpackThreads) layer_normalization_from_packed(
    const uint8* __restrict__ packed, const float* __restrict__ scale, const float* __restrict__ bias,
    const float* __restrict__ mean, const float* __restrict__ inverse, float* __restrict__ y,
    LayerNormalizationArguments arguments)
{
    if (!openTensor<Float32Element, UnpackThreads, true>(packed, (uint32*)y, arguments.tensor, false))
        return;
    RowStatistics statistics = {scale, bias, mean, inverse};
    switch (sharedTensor.levels)
    {
        case MixedLevels: return normalizeRows<MixedLevels>(packed, statistics, y, arguments);
        case 2: return normalizeRows<2>(packed, statistics, y, arguments);
        case 3: return normalizeRows<3>(packed, statistics, y, arguments);
        case 4: return normalizeRows<4>(packed, statistics, y, arguments);
        case 8: return normalizeRows<8>(packed, statistics, y, arguments);
        case 16: return normalizeRows<16>(packed, statistics, y, arguments);
        default: return normalizeRows<256>(packed, statistics, y, arguments);
    }
}
REGISTER_KERNEL(layer_normalization_from_packed)
