// Whole words of memory: a lane's neighbouring elements or code bytes in one access,
// of 16 bytes where there are as many.
#pragma once

#include "device.cuh"

// The alignment that an access of so many bytes needs.
constexpr uint32 alignmentOf(uint32 bytes) { return bytes < 16 ? bytes : 16; }

DEVICE bool isAligned(const void* address, uint32 alignment) { return (uint64)address % alignment == 0; }

// IsOwn: the same thread may write there later.
template <bool IsOwn = false, uint32 Count>
DEVICE void loadWords(const void* source, uint32 (&words)[Count])
{
    if constexpr (Count % 4 == 0)
    {
#pragma unroll
        for (uint32 i = 0; i < Count / 4; i++)
        {
            Words4 four = IsOwn ? loadOwn((const Words4*)source + i) : loadConstant((const Words4*)source + i);
            for (uint32 j = 0; j < 4; j++)
                words[4 * i + j] = four[j];
        }
    }
    else if constexpr (Count == 2)
    {
        Words2 two = IsOwn ? loadOwn((const Words2*)source) : loadConstant((const Words2*)source);
        words[0] = two[0];
        words[1] = two[1];
    }
    else
    {
        static_assert(Count == 1, "1, 2 or a multiple of 4 words");
        words[0] = *(const uint32*)source;
    }
}

template <uint32 Count>
DEVICE void storeWords(void* target, const uint32 (&words)[Count])
{
    if constexpr (Count % 4 == 0)
    {
#pragma unroll
        for (uint32 i = 0; i < Count / 4; i++)
            ((Words4*)target)[i] = Words4{words[4 * i], words[4 * i + 1], words[4 * i + 2], words[4 * i + 3]};
    }
    else if constexpr (Count == 2)
    {
        *(Words2*)target = Words2{words[0], words[1]};
    }
    else
    {
        static_assert(Count == 1, "1, 2 or a multiple of 4 words");
        *(uint32*)target = words[0];
    }
}

// Reads 1, 2 or 4 neighbouring bytes, the first one lowest.
template <uint32 Count>
DEVICE uint32 loadBytes(const uint8* source)
{
    if constexpr (Count == 4)
        return *(const uint32*)source;
    else if constexpr (Count == 2)
        return *(const uint16*)source;
    else
        return *source;
}

template <uint32 Count>
DEVICE void storeBytes(uint8* target, uint32 bytes)
{
    if constexpr (Count == 4)
        *(uint32*)target = bytes;
    else if constexpr (Count == 2)
        *(uint16*)target = (uint16)bytes;
    else
        *target = (uint8)bytes;
}
