// ActProfile: sums, range and counts of groups; the mirror of CustomOps/Runtime/Cpu/Profiling. Eight lanes add up one
// group, as the CPU's eight partial sums do, so that the sums have the CPU's bits.
#pragma once

#include "metadata.cuh"
#include "elements.cuh"

constexpr uint32 ProfileThreads = 256;
constexpr uint32 PartialSums = 8;
constexpr uint32 ProfileGroups = ProfileThreads / PartialSums;

// Fields and their order are those of Cuda/ProfileArguments.cs.
struct ProfileArguments
{
    PackedLayout layout;
    // Every n-th group from the one at offset on.
    int64 every;
    int64 offset;
    int64 count;
    int64 isOfMagnitudes;
};

// Fields and their order are those of Cuda/ProfiledGroup.cs.
struct ProfiledGroup
{
    double sum;
    double squares;
    float minimum;
    float maximum;
    uint32 zeros;
    uint32 nonFinite;
};

// What a lane has seen of its group; merged with another lane's, it is what both have.
struct Profile
{
    double sum = 0;
    double squares = 0;
    int32 largestSigned = (int32)0x80000000;
    uint32 largest = 0;
    uint32 smallest = 0xffffffff;
    uint32 zeros = 0;
    uint32 nonFinite = 0;

    DEVICE void add(float value, bool isOfMagnitudes)
    {
        double wide = value;
        uint32 bits = bitsOf(value);
        uint32 magnitude = bits & 0x7fffffff;
        sum += wide;
        squares += wide * wide;
        zeros += magnitude == 0;
        nonFinite += magnitude >= 0x7f800000;
        largestSigned = larger(largestSigned, (int32)bits);
        largest = larger(largest, isOfMagnitudes ? magnitude : bits);
        smallest = smaller(smallest, bits);
    }

    DEVICE void merge(uint32 lane)
    {
        sum += __builtin_bit_cast(double, broadcast64(__builtin_bit_cast(uint64, sum), lane));
        squares += __builtin_bit_cast(double, broadcast64(__builtin_bit_cast(uint64, squares), lane));
        largestSigned = larger(largestSigned, (int32)broadcast((uint32)largestSigned, lane));
        largest = larger(largest, broadcast(largest, lane));
        smallest = smaller(smallest, broadcast(smallest, lane));
        zeros += broadcast(zeros, lane);
        nonFinite += broadcast(nonFinite, lane);
    }
};

template <class Element>
DEVICE void actProfile(const typename Element::Raw* x, ProfiledGroup* groups, const ProfileArguments& arguments)
{
    uint32 part = threadIndex() % PartialSums;
    int64 index = (int64)blockIndex() * ProfileGroups + threadIndex() / PartialSums;
    bool isPresent = index < arguments.count;
    GroupSpan span = isPresent ? arguments.layout.group(arguments.offset + index * arguments.every) : GroupSpan{};
    bool isOfMagnitudes = arguments.isOfMagnitudes != 0;
    Profile profile;
    for (uint32 i = part; i < span.length; i += PartialSums)
        profile.add(Element::toFloat(x[span.start + i]), isOfMagnitudes);
    for (uint32 half = PartialSums / 2; half > 0; half /= 2)
        profile.merge(laneIndex() ^ half);
    if (!isPresent || part != 0)
        return;
    GroupRange range = GroupRange::fromBits(profile.largestSigned, profile.largest, profile.smallest, isOfMagnitudes);
    groups[index] = ProfiledGroup{
        profile.sum, profile.squares, range.minimum, range.maximum, profile.zeros, profile.nonFinite};
}
