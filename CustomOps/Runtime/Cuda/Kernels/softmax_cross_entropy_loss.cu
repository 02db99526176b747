// SoftmaxCrossEntropyLossGradFromPacked: the mirror of CustomOps/Runtime/Cpu/Losses. A warp works on elements that
// follow each other. With the mean, the sum of the labels' weights comes first, from a kernel of one block.
#include "packed_elements.cuh"

constexpr int64 LossSpan = 1024;
// LabelFactors.PartialSums of the CPU.
constexpr uint32 PartialSums = 1024;

// LossReduction.
constexpr int32 MeanReduction = 0;
constexpr int32 NoReduction = 2;

// Fields and their order are those of Cuda/LossArguments.cs.
struct LossArguments
{
    UnpackArguments tensor;
    // The elements that are written.
    int64 first;
    int64 end;
    int64 classes;
    // Elements of a class of a sample.
    int64 places;
    int64 labelCount;
    int64 ignoredLabel;
    int32 hasIgnoredLabel;
    int32 hasWeights;
    // Whether labels have 64 bits, not 32.
    int32 areLabelsWide;
    int32 reduction;
};

// The labels and the weights of their classes.
struct LossLabels
{
    const uint8* labels;
    const float* weights;
    const LossArguments& arguments;

    DEVICE int64 at(int64 index) const
    {
        return arguments.areLabelsWide ? ((const int64*)labels)[index] : ((const int32*)labels)[index];
    }

    // 0 where the label is to be ignored. One that is no class gives NaN: there is nobody on the device to throw to.
    DEVICE float weightOf(int64 label) const
    {
        if (arguments.hasIgnoredLabel && label == arguments.ignoredLabel)
            return 0;
        if (label < 0 || label >= arguments.classes)
            return floatOf(QuietNan);
        return arguments.hasWeights ? weights[label] : 1.0f;
    }
};

SHARED double partialSums[PartialSums];

// The sum of all weights, as the CPU takes it: each thread a partial sum, then halves onto halves.
KERNEL(PartialSums) label_weight_sum(
    const uint8* __restrict__ labels, const float* __restrict__ weights, float* __restrict__ sum,
    LossArguments arguments)
{
    LossLabels all = {labels, weights, arguments};
    double own = 0;
    for (int64 i = threadIndex(); i < arguments.labelCount; i += PartialSums)
        own += (double)all.weightOf(all.at(i));
    partialSums[threadIndex()] = own;
    synchronizeBlock();
    for (uint32 half = PartialSums / 2; half > 0; half /= 2)
    {
        if (threadIndex() < half)
            partialSums[threadIndex()] += partialSums[half + threadIndex()];
        synchronizeBlock();
    }
    if (threadIndex() == 0)
        *sum = (float)partialSums[0];
}
REGISTER_KERNEL(label_weight_sum)

// Read by one thread of a block for all: its place is written over in the end.
SHARED float weightSum;

template <uint32 Levels>
DEVICE void lossGradient(
    const float* dY, const uint8* packed, const LossLabels& labels, float* dX, const LossArguments& arguments)
{
    PackedElements<Levels> probabilities(packed, sharedTensor);
    int64 first = arguments.first + ((int64)blockIndex() * UnpackWarps + warpIndex()) * LossSpan;
    int64 end = smaller(first + LossSpan, arguments.end);
    bool isMean = arguments.reduction == MeanReduction;
    // Where nothing counts, no label has a gradient.
    float scale = !isMean ? dY[0] : weightSum != 0 ? dY[0] / weightSum : 1.0f;
    for (int64 i = first + laneIndex(); i < end; i += WarpSize)
    {
        int64 plane = divideIndex(i, arguments.places);
        int64 sample = divideIndex(plane, arguments.classes);
        int64 index = sample * arguments.places + (i - plane * arguments.places);
        int64 label = labels.at(index);
        float factor = labels.weightOf(label);
        if (factor != 0)
            factor *= arguments.reduction == NoReduction ? dY[index] : scale;
        float value = factor == 0 ? 0.0f : probabilities.at(i) * factor;
        bool isLabel = label == plane - sample * arguments.classes;
        dX[i] = isLabel && factor != 0 ? value - factor : value;
    }
}

// The sum of the weights stands in the last element's place, which is written alone when all others are.
KERNEL(UnpackThreads) softmax_cross_entropy_loss_grad_from_packed(
    const float* __restrict__ dY, const uint8* __restrict__ packed, const uint8* __restrict__ labels,
    const float* __restrict__ weights, const float* sums, float* dX, LossArguments arguments)
{
    if (threadIndex() == 0 && arguments.reduction == MeanReduction)
        weightSum = sums[arguments.tensor.elementCount - 1];
    if (!openTensor<Float32Element, UnpackThreads, true>(packed, (uint32*)dX, arguments.tensor, false))
        return;
    LossLabels all = {labels, weights, arguments};
    switch (sharedTensor.levels)
    {
        case MixedLevels: return lossGradient<MixedLevels>(dY, packed, all, dX, arguments);
        case 2: return lossGradient<2>(dY, packed, all, dX, arguments);
        case 3: return lossGradient<3>(dY, packed, all, dX, arguments);
        case 4: return lossGradient<4>(dY, packed, all, dX, arguments);
        case 8: return lossGradient<8>(dY, packed, all, dX, arguments);
        case 16: return lossGradient<16>(dY, packed, all, dX, arguments);
        default: return lossGradient<256>(dY, packed, all, dX, arguments);
    }
}
REGISTER_KERNEL(softmax_cross_entropy_loss_grad_from_packed)
