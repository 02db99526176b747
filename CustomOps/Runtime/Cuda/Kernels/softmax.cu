// SoftmaxGradFromPacked: the mirror of CustomOps/Runtime/Cpu/SoftmaxGradFromPacked.cs.
// A warp works on elements that follow each other.
#include "packed_elements.cuh"

constexpr int64 SoftmaxSpan = 1024;

// Fields and their order are those of Cuda/SoftmaxArguments.cs.
struct SoftmaxArguments
{
    UnpackArguments tensor;
    int64 rowLength;
};

template <uint32 Levels>
DEVICE void takeRows(
    const float* dY, const uint8* packed, const float* sums, float* dX, const SoftmaxArguments& arguments)
{
    PackedElements<Levels> weights(packed, sharedTensor);
    int64 first = ((int64)blockIndex() * UnpackWarps + warpIndex()) * SoftmaxSpan;
    int64 end = smaller(first + SoftmaxSpan, arguments.tensor.elementCount);
    int64 rowEnd = 0;
    float sum = 0;
    for (int64 i = first + laneIndex(); i < end; i += WarpSize)
    {
        if (i >= rowEnd)
        {
            int64 row = divideIndex(i, arguments.rowLength);
            rowEnd = (row + 1) * arguments.rowLength;
            sum = sums[row];
        }
        dX[i] = weights.at(i) * (dY[i] - sum);
    }
}

// dX may be dY.
KERNEL(UnpackThreads) softmax_grad_from_packed(
    const float* dY, const uint8* __restrict__ packed, const float* __restrict__ sums, float* dX,
    SoftmaxArguments arguments)
{
    if (!openTensor<Float32Element, UnpackThreads, true>(packed, (uint32*)dX, arguments.tensor, false))
        return;
    switch (sharedTensor.levels)
    {
        case MixedLevels: return takeRows<MixedLevels>(dY, packed, sums, dX, arguments);
        case 2: return takeRows<2>(dY, packed, sums, dX, arguments);
        case 3: return takeRows<3>(dY, packed, sums, dX, arguments);
        case 4: return takeRows<4>(dY, packed, sums, dX, arguments);
        case 8: return takeRows<8>(dY, packed, sums, dX, arguments);
        case 16: return takeRows<16>(dY, packed, sums, dX, arguments);
        default: return takeRows<256>(dY, packed, sums, dX, arguments);
    }
}
REGISTER_KERNEL(softmax_grad_from_packed)
