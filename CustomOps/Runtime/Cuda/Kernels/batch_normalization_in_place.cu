// BatchNormalizationInPlace: the mirror of CustomOps/Runtime/Cpu/Normalization/BatchNormalizationInPlace.cs. A block
// has a channel; a team of 8 lanes adds up a plane, as two chains of packets of 4 do on the CPU.
#include "device.cuh"

constexpr uint32 ChannelThreads = 256;
constexpr uint32 PacketLanes = 4;
constexpr uint32 TeamSize = 2 * PacketLanes;
constexpr uint32 Teams = ChannelThreads / TeamSize;
// Bits of a mantissa that the table of the host's estimates tells apart.
constexpr uint32 LeadingBits = 12;

// Fields and their order are those of Cuda/BatchNormalizationInPlaceArguments.cs.
struct BatchNormalizationInPlaceArguments
{
    int64 samples;
    int64 channels;
    int64 planeElements;
    // The first channels, whose roots are the host's processor's.
    int64 estimatedChannels;
    float count;
    float epsilon;
    float momentum;
    float change;

    DEVICE int64 start(int64 sample, int64 channel) const { return (sample * channels + channel) * planeElements; }

    DEVICE float mix(float running, float ofBatch) const { return running * momentum + ofBatch * change; }
};

// What a channel reads, and what it writes; a new number may stand where the old one does.
struct ChannelNumbers
{
    const float* scale;
    const float* bias;
    const float* runningMean;
    const float* runningVariance;
    float* newMean;
    float* newVariance;
    float* mean;
    float* inverse;
};

SHARED float planeSums[Teams];

// The sum of a plane's terms, the same in all lanes of its team: the packets from the one at front on in two chains, by
// pairs, then the packet that is left, the four lanes, the elements in front and those behind. All lanes of the warp
// take part; a plane may be empty.
template <class Term>
DEVICE float addPlane(const float* plane, int64 length, int64 front, Term term)
{
    uint32 lane = laneIndex() % TeamSize;
    int64 packets = (length - front) / PacketLanes;
    int64 pairsEnd = front + packets / 2 * TeamSize;
    float sum = 0;
    for (int64 i = front + lane; i < pairsEnd; i += TeamSize)
        sum += term(plane[i]);
    sum += broadcastFloat(sum, laneIndex() ^ PacketLanes);
    if (packets % 2 != 0)
        sum += term(plane[pairsEnd + lane % PacketLanes]);
    sum += broadcastFloat(sum, laneIndex() ^ 2);
    sum += broadcastFloat(sum, laneIndex() ^ 1);
    for (int64 i = 0; i < front; i++)
        sum += term(plane[i]);
    for (int64 i = front + packets * PacketLanes; i < length; i++)
        sum += term(plane[i]);
    return sum;
}

// The sum over the planes of the block's channel, one after the other; the same in all threads. Packets begin at
// addresses that are multiples of 16, or with the plane.
template <bool IsAligned, class Term>
DEVICE float addChannel(const float* x, const BatchNormalizationInPlaceArguments& arguments, Term term)
{
    uint32 team = threadIndex() / TeamSize;
    float sum = 0;
    for (int64 first = 0; first < arguments.samples; first += Teams)
    {
        int64 planes = smaller((int64)Teams, arguments.samples - first);
        int64 length = team < planes ? arguments.planeElements : 0;
        const float* plane = x + (team < planes ? arguments.start(first + team, blockIndex()) : 0);
        int64 unaligned = IsAligned ? (int64)(-((uint64)plane / sizeof(float)) % PacketLanes) : 0;
        float own = addPlane(plane, length, smaller(unaligned, length), term);
        if (threadIndex() % TeamSize == 0)
            planeSums[team] = own;
        synchronizeBlock();
        for (uint32 i = 0; i < planes; i++)
            sum += planeSums[i];
        synchronizeBlock();
    }
    return sum;
}

// 1/√x of a number that is neither subnormal nor infinite, as the host's processor estimates it: x = m · 4^half with m
// from 1 to 4.
DEVICE float estimateRoot(float x, const float* estimates)
{
    uint32 bits = bitsOf(x);
    int32 half = ((int32)(bits >> 23) - 127) >> 1;
    uint32 index = bits >> (23 - LeadingBits) & ((2u << LeadingBits) - 1);
    return floatOf(bitsOf(estimates[index]) - ((uint32)half << 23));
}

// √x by that estimate and a step of Newton's.
DEVICE float rootOf(float x, const float* estimates)
{
    if (!(x >= 0) || bitsOf(x) == 0x7f800000)
        return floatOf(0x7fc00000);
    if (x < floatOf(0x00800000))
        return 0;
    float estimate = estimateRoot(x, estimates);
    return x * (estimate * (-0.5f * x * (estimate * estimate) + 1.5f));
}

// y may be x.
DEVICE void normalizeInPlace(
    const float* x, const ChannelNumbers& numbers, const float* estimates, float* y,
    const BatchNormalizationInPlaceArguments& arguments)
{
    int64 channel = blockIndex();
    float mean = addChannel<true>(x, arguments, [](float value) { return value; }) / arguments.count;
    float squares = addChannel<false>(x, arguments, [=](float value) { return (value - mean) * (value - mean); });
    float variance = squares / arguments.count;
    float squared = 1.0f / (variance + arguments.epsilon);
    float inverse = channel < arguments.estimatedChannels ? rootOf(squared, estimates) : squareRoot(squared);
    float scale = inverse * numbers.scale[channel];
    float offset = numbers.bias[channel] - mean * scale;
    if (threadIndex() == 0)
    {
        numbers.mean[channel] = mean;
        numbers.inverse[channel] = inverse;
        numbers.newMean[channel] = arguments.mix(numbers.runningMean[channel], mean);
        numbers.newVariance[channel] = arguments.mix(numbers.runningVariance[channel], variance);
    }
    int64 elements = arguments.samples * arguments.planeElements;
    for (int64 element = threadIndex(); element < elements; element += ChannelThreads)
    {
        int64 sample = divideIndex(element, arguments.planeElements);
        int64 i = arguments.start(sample, channel) + (element - sample * arguments.planeElements);
        y[i] = x[i] * scale + offset;
    }
}

KERNEL(ChannelThreads) batch_normalization_in_place(
    const float* x, const float* scale, const float* bias, const float* runningMean, const float* runningVariance,
    const float* estimates, float* newMean, float* newVariance, float* mean, float* inverse, float* y,
    BatchNormalizationInPlaceArguments arguments)
{
    ChannelNumbers numbers = {scale, bias, runningMean, runningVariance, newMean, newVariance, mean, inverse};
    normalizeInPlace(x, numbers, estimates, y, arguments);
}
REGISTER_KERNEL(batch_normalization_in_place)
