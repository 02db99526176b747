// Batch normalization on a packed tensor: the mirror of CustomOps/Runtime/Cpu/Normalization. The gradient's sums are
// taken in the CPU's order: 16 lanes within a piece, then pieces, planes and samples, so that they have the CPU's bits.
#pragma once

#include "masks.cuh"
#include "packed_elements.cuh"
#include "read_batches.cuh"

constexpr uint32 NormalizationThreads = 256;
// Elements that a warp of the forward kernel works on, one after the other.
constexpr int64 SpanElements = 1024;
// A team adds up one piece; a block has one channel.
constexpr uint32 TeamSize = 16;
constexpr uint32 SumThreads = 512;
constexpr uint32 Teams = SumThreads / TeamSize;

// Fields and their order are those of Cuda/NormalizationArguments.cs.
struct NormalizationArguments
{
    UnpackArguments tensor;
    MaskArguments mask;
    int64 channels;
    int64 planeCount;
    int64 planeElements;
    int32 hasMask;
    int32 hasAddend;
    int64 storedChannels;
    // What the forward kernel writes: a slice of the samples, or all.
    int64 firstElement;
    int64 writtenCount;
    float minimum;
    float maximum;
    int64 isCorrected;

    // Elements that are read.
    DEVICE int64 elements() const { return planeCount * planeElements; }

    // How much further an element of a sample lies in the packed tensor, whose channels after the first are not read.
    DEVICE int64 skippedBefore(int64 sample) const { return sample * (storedChannels - channels) * planeElements; }

    // The bound that is nearer.
    DEVICE float nearest(float value) const { return value > minimum + (maximum - minimum) / 2 ? maximum : minimum; }
};

// What belongs to each channel.
struct ChannelStatistics
{
    const float* scale;
    const float* mean;
    const float* inverse;
};

// The bits behind a mask's header, or none.
struct MaskBits
{
    const uint8* bits;

    DEVICE bool isSet(int64 element) const { return bits == nullptr || (bits[element >> 3] >> (element & 7) & 1) != 0; }
};

// Checks packed tensor and mask. Where one of them is not what the host expects, y is NaN.
template <uint32 Threads>
DEVICE bool openInputs(
    const uint8* packed, const uint8* mask, uint32* y, const NormalizationArguments& arguments, MaskBits& bits)
{
    bits.bits = arguments.hasMask ? mask + MaskHeaderBytes : nullptr;
    if (readTensor<Float32Element, Threads, true>(packed, arguments.tensor)
        && (!arguments.hasMask || checkMask(mask, arguments.mask)))
        return true;
    fillWithNan<Float32Element, Threads>(y, arguments.writtenCount);
    return false;
}

template <uint32 Levels>
DEVICE void normalize(
    const uint8* packed, const ChannelStatistics& statistics, const float* bias, MaskBits mask, const float* addend,
    float* y, const NormalizationArguments& arguments)
{
    PackedElements<Levels> x(packed, sharedTensor);
    int64 first = arguments.firstElement
        + ((int64)blockIndex() * (NormalizationThreads / WarpSize) + warpIndex()) * SpanElements;
    int64 end = smaller(first + SpanElements, arguments.firstElement + arguments.writtenCount);
    int64 planeEnd = 0;
    int64 skipped = 0;
    float factor = 0;
    float offset = 0;
    for (int64 i = first + laneIndex(); i < end; i += WarpSize)
    {
        if (i >= planeEnd)
        {
            int64 plane = divideIndex(i, arguments.planeElements);
            int64 sample = divideIndex(plane, arguments.channels);
            int64 channel = plane - sample * arguments.channels;
            skipped = arguments.skippedBefore(sample);
            planeEnd = (plane + 1) * arguments.planeElements;
            factor = statistics.scale[channel] * statistics.inverse[channel];
            offset = bias[channel] - statistics.mean[channel] * factor;
        }
        float value = x.at(i + skipped) * factor + offset;
        if (arguments.hasAddend)
            value += addend[i - arguments.firstElement];
        y[i - arguments.firstElement] = mask.isSet(i) ? value : arguments.nearest(value);
    }
}

// y may be the addend.
DEVICE void batchNormalizationFromPacked(
    const uint8* packed, const ChannelStatistics& statistics, const float* bias, const uint8* mask, const float* addend,
    float* y, const NormalizationArguments& arguments)
{
    MaskBits bits;
    if (!openInputs<NormalizationThreads>(packed, mask, (uint32*)y, arguments, bits))
        return;
    switch (sharedTensor.levels)
    {
        case MixedLevels: return normalize<MixedLevels>(packed, statistics, bias, bits, addend, y, arguments);
        case 2: return normalize<2>(packed, statistics, bias, bits, addend, y, arguments);
        case 3: return normalize<3>(packed, statistics, bias, bits, addend, y, arguments);
        case 4: return normalize<4>(packed, statistics, bias, bits, addend, y, arguments);
        case 8: return normalize<8>(packed, statistics, bias, bits, addend, y, arguments);
        case 16: return normalize<16>(packed, statistics, bias, bits, addend, y, arguments);
        default: return normalize<256>(packed, statistics, bias, bits, addend, y, arguments);
    }
}

// How planes are cut into pieces: by the batches of the CPU, which begin anew with each unit.
struct PlanePieces
{
    ReadBatches batches;
    int64 planeElements;
    // A row, or a plane where rows are shorter.
    int64 unit;

    DEVICE PlanePieces(const PackedLayout& layout, int64 elements)
        : batches(layout), planeElements(elements), unit(larger(layout.rowLength, elements))
    {
    }

    // No plane has more pieces.
    DEVICE int64 mostPerPlane() const
    {
        const PackedLayout& layout = batches.layout;
        if (batches.perRow <= 1)
            return unit == layout.rowLength ? 1 : divideUp(unit / layout.rowLength, batches.rowsPerBatch);
        if (unit > layout.rowLength)
            return unit / layout.rowLength * batches.perRow;
        // Of the groups that are not the last of a row, the shortest.
        int64 shortest = layout.longGroups >= layout.groupsPerRow - 1 ? layout.longLength : layout.shortLength;
        return smaller(batches.perRow, planeElements / (batches.groupsAtOnce * shortest) + 2);
    }

    // Elements of piece number index of a plane; false where it has fewer pieces.
    DEVICE bool find(int64 plane, int64 index, int64& start, int64& end) const
    {
        int64 planeStart = plane * planeElements;
        int64 unitStart = divideIndex(planeStart, unit) * unit;
        int64 first = planeStart - unitStart;
        int64 batch = batches.batchOf(first) + index;
        start = unitStart + larger(first, batches.start(batch));
        end = unitStart + smaller(first + planeElements, batches.start(batch + 1));
        return start < end;
    }
};

// dX = dY · (ofGradient + ofVariance · the error's variance) + (X − mean) · ofCentered + constant.
struct NormalizationFactors
{
    float ofGradient;
    float mean;
    float ofCentered;
    float constant;
    float ofVariance;
};

struct PieceSums
{
    double gradient;
    double product;
};

SHARED PieceSums pieceSums[Teams];
SHARED NormalizationFactors sharedFactors;

DEVICE double broadcastDouble(double value, uint32 lane)
{
    return __builtin_bit_cast(double, broadcast64(__builtin_bit_cast(uint64, value), lane));
}

// The sums of a piece, the same in all lanes of its team. All lanes of the warp take part; a piece may be empty.
template <uint32 Levels>
DEVICE PieceSums addPiece(const float* dY, PackedElements<Levels>& x, float mean, MaskBits mask, int64 start, int64 end,
    int64 skipped)
{
    uint32 lane = laneIndex() % TeamSize;
    uint32 first = laneIndex() - lane;
    float gradients = 0;
    float products = 0;
    int64 wholeEnd = start + (end - start) / TeamSize * TeamSize;
    for (int64 i = start + lane; i < wholeEnd; i += TeamSize)
    {
        float gradient = mask.isSet(i) ? dY[i] : 0.0f;
        gradients += gradient;
        products += gradient * (x.at(i + skipped) - mean);
    }
    double restGradient = 0;
    double restProduct = 0;
    if (wholeEnd + lane < end && mask.isSet(wholeEnd + lane))
    {
        restGradient = dY[wholeEnd + lane];
        restProduct = restGradient * (double)(x.at(wholeEnd + lane + skipped) - mean);
    }
    PieceSums sums = {0, 0};
    for (uint32 i = 0; i < TeamSize; i++)
    {
        sums.gradient += (double)broadcastFloat(gradients, first + i);
        sums.product += (double)broadcastFloat(products, first + i);
    }
    // Where there is no element, 0 is added, which changes nothing.
    for (uint32 i = 0; i < TeamSize - 1; i++)
    {
        sums.gradient += broadcastDouble(restGradient, first + i);
        sums.product += broadcastDouble(restProduct, first + i);
    }
    return sums;
}

// The sums of the block's channel, in its first thread alone.
template <uint32 Levels>
DEVICE PieceSums addChannel(
    const float* dY, PackedElements<Levels>& x, float mean, MaskBits mask, const PlanePieces& pieces, int64 channel,
    int64 samples, const NormalizationArguments& arguments)
{
    uint32 team = threadIndex() / TeamSize;
    int64 perPlane = pieces.mostPerPlane();
    PieceSums total = {0, 0};
    PieceSums plane = {0, 0};
    for (int64 round = 0; round < samples * perPlane; round += Teams)
    {
        int64 sample = divideIndex(round + team, perPlane);
        int64 start = 0;
        int64 end = 0;
        if (sample >= samples
            || !pieces.find(
                sample * arguments.storedChannels + channel, round + team - sample * perPlane, start, end))
            start = end = 0;
        int64 skipped = start < end ? arguments.skippedBefore(sample) : 0;
        PieceSums own = addPiece(dY, x, mean, mask, start - skipped, end - skipped, skipped);
        if (threadIndex() % TeamSize == 0)
            pieceSums[team] = own;
        synchronizeBlock();
        for (uint32 i = 0; threadIndex() == 0 && i < Teams; i++)
        {
            plane.gradient += pieceSums[i].gradient;
            plane.product += pieceSums[i].product;
            if ((round + i + 1) % perPlane == 0)
            {
                total.gradient += plane.gradient;
                total.product += plane.product;
                plane = PieceSums{0, 0};
            }
        }
        synchronizeBlock();
    }
    return total;
}

// dX may be dY.
template <uint32 Levels>
DEVICE void applyPieces(
    const float* dY, PackedElements<Levels>& x, const NormalizationFactors& factors, MaskBits mask,
    const PlanePieces& pieces, int64 channel, int64 samples, const NormalizationArguments& arguments, float* dX)
{
    int64 perPlane = pieces.mostPerPlane();
    for (int64 item = threadIndex() / TeamSize; item < samples * perPlane; item += Teams)
    {
        int64 sample = divideIndex(item, perPlane);
        int64 start, end;
        if (!pieces.find(sample * arguments.storedChannels + channel, item - sample * perPlane, start, end))
            continue;
        int64 skipped = arguments.skippedBefore(sample);
        for (int64 i = start - skipped + threadIndex() % TeamSize; i < end - skipped; i += TeamSize)
        {
            float gradient = mask.isSet(i) ? dY[i] : 0.0f;
            float centered = x.at(i + skipped) - factors.mean;
            float ofGradient = factors.ofGradient + factors.ofVariance * (arguments.isCorrected ? x.variance() : 0.0f);
            dX[i] = gradient * ofGradient + (centered * factors.ofCentered + factors.constant);
        }
    }
}

template <uint32 Levels>
DEVICE void normalizationGradient(
    const float* dY, const uint8* packed, const ChannelStatistics& statistics, MaskBits mask, float* dX, float* dScale,
    float* dBias, const NormalizationArguments& arguments)
{
    int64 channel = blockIndex();
    int64 samples = arguments.planeCount / arguments.channels;
    float mean = statistics.mean[channel];
    PackedElements<Levels> x(packed, sharedTensor);
    PlanePieces pieces(sharedTensor.layout, arguments.planeElements);
    if (arguments.elements() == 0)
        samples = 0;
    PieceSums sums = addChannel(dY, x, mean, mask, pieces, channel, samples, arguments);
    if (threadIndex() == 0)
    {
        double inverse = statistics.inverse[channel];
        dScale[channel] = (float)(inverse * sums.product);
        dBias[channel] = (float)sums.gradient;
        double ofGradient = (double)statistics.scale[channel] * inverse;
        double perElement = ofGradient / (double)(samples * arguments.planeElements);
        sharedFactors = NormalizationFactors{
            (float)ofGradient, mean, (float)(-perElement * inverse * inverse * sums.product),
            (float)(-perElement * sums.gradient), (float)(perElement * inverse * inverse)};
    }
    synchronizeBlock();
    applyPieces(dY, x, sharedFactors, mask, pieces, channel, samples, arguments, dX);
}

DEVICE void batchNormalizationGradFromPacked(
    const float* dY, const uint8* packed, const ChannelStatistics& statistics, const uint8* mask, float* dX,
    float* dScale, float* dBias, const NormalizationArguments& arguments)
{
    MaskBits bits;
    if (!openInputs<SumThreads>(packed, mask, (uint32*)dX, arguments, bits))
    {
        dScale[blockIndex()] = dBias[blockIndex()] = floatOf(QuietNan);
        return;
    }
    switch (sharedTensor.levels)
    {
        case MixedLevels:
            return normalizationGradient<MixedLevels>(dY, packed, statistics, bits, dX, dScale, dBias, arguments);
        case 2: return normalizationGradient<2>(dY, packed, statistics, bits, dX, dScale, dBias, arguments);
        case 3: return normalizationGradient<3>(dY, packed, statistics, bits, dX, dScale, dBias, arguments);
        case 4: return normalizationGradient<4>(dY, packed, statistics, bits, dX, dScale, dBias, arguments);
        case 8: return normalizationGradient<8>(dY, packed, statistics, bits, dX, dScale, dBias, arguments);
        case 16: return normalizationGradient<16>(dY, packed, statistics, bits, dX, dScale, dBias, arguments);
        default: return normalizationGradient<256>(dY, packed, statistics, bits, dX, dScale, dBias, arguments);
    }
}
