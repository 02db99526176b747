// What the kernels of layer normalization from a packed tensor have in common.
#pragma once

#include "packed_elements.cuh"

// Fields and their order are those of Cuda/LayerNormalizationArguments.cs.
struct LayerNormalizationArguments
{
    UnpackArguments tensor;
    int64 columns;
    int32 hasMean;
    int32 hasBias;
};

// Numbers per column, and per row.
struct RowStatistics
{
    const float* scale;
    const float* bias;
    const float* mean;
    const float* inverse;
};
