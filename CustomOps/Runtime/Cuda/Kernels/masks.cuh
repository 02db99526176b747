// Masks of one bit per element: the mirror of CustomOps/Runtime/Cpu/Masks.
// A thread has one byte of the mask, 8 elements.
#pragma once

#include "rounding.cuh"

constexpr uint32 MaskThreads = 256;
constexpr uint32 MaskHeaderBytes = 32;

// Elements of which only the bits matter.
template <class T>
struct BitsElement
{
    typedef T Raw;
};

// Fields and their order are those of Cuda/MaskPackArguments.cs.
struct MaskPackArguments
{
    int64 elementCount;
    // A key is an element's bits as a signed integer,
    // those of negative elements with all but the sign flipped; those from low to high pass.
    int64 low;
    int64 high;
    uint32 isInverted;
    uint32 header[MaskHeaderBytes / 4];
};

// Fields and their order are those of Cuda/MaskArguments.cs.
struct MaskArguments
{
    int64 elementCount;
    int64 packedBytes;
    float kept;
    float dropped;
    float divisor;
    uint32 header[MaskHeaderBytes / 4];
};

// Neighbouring elements: in whole words where there are 8 and they are aligned.
template <class Element, bool IsOwn>
DEVICE Chunk<Element, 8> loadEight(const typename Element::Raw* x, int64 first, int64 count)
{
    typedef Chunk<Element, 8> Eight;
    Eight chunk = {};
    if (count - first >= 8 && isAligned(x, Eight::Alignment))
    {
        loadWords<IsOwn>(x + first, chunk.words);
        return chunk;
    }
#pragma unroll
    for (uint32 i = 0; i < 8; i++)
        chunk.put(i, x[smaller(first + (int64)i, count - 1)]);
    return chunk;
}

template <class Element>
DEVICE void storeEight(typename Element::Raw* y, int64 first, int64 count, const Chunk<Element, 8>& chunk)
{
    typedef Chunk<Element, 8> Eight;
    if (count - first >= 8 && isAligned(y, Eight::Alignment))
    {
        storeWords(y + first, chunk.words);
        return;
    }
#pragma unroll
    for (uint32 i = 0; i < 8; i++)
    {
        if (first + i < count)
            y[first + i] = chunk.get(i);
    }
}

template <class Signed>
DEVICE void maskPack(const Signed* x, uint8* packed, const MaskPackArguments& arguments)
{
    constexpr Signed largest = (Signed)((1ull << (8 * sizeof(Signed) - 1)) - 1);
    int64 index = (int64)blockIndex() * MaskThreads + threadIndex();
    int64 first = 8 * index;
    if (index < MaskHeaderBytes / 4)
        ((uint32*)packed)[index] = arguments.header[index];
    if (first >= arguments.elementCount)
        return;
    auto chunk = loadEight<BitsElement<Signed>, false>(x, first, arguments.elementCount);
    uint32 bits = 0;
#pragma unroll
    for (uint32 i = 0; i < 8; i++)
    {
        Signed element = chunk.get(i);
        Signed key = element < 0 ? (Signed)(element ^ largest) : element;
        bits |= (uint32)(key >= (Signed)arguments.low && key <= (Signed)arguments.high) << i;
    }
    if (arguments.isInverted)
        bits ^= 0xff;
    int64 rest = arguments.elementCount - first;
    packed[MaskHeaderBytes + index] = (uint8)(rest < 8 ? bits & ((1u << rest) - 1) : bits);
}

// Whether a buffer is the mask that the host expects;
// the header is read on the device, because the host would have to wait.
SHARED uint32 maskIsValid;

DEVICE bool checkMask(const uint8* packed, const MaskArguments& arguments)
{
    if (threadIndex() == 0)
    {
        bool isValid = arguments.packedBytes == MaskHeaderBytes + divideUp(arguments.elementCount, (int64)8);
        for (uint32 i = 0; isValid && i < MaskHeaderBytes / 4; i++)
            isValid = ((const uint32*)packed)[i] == arguments.header[i];
        maskIsValid = isValid;
    }
    synchronizeBlock();
    return maskIsValid != 0;
}

// A buffer that is no mask gives 0 everywhere.
DEVICE void maskUnpack(const uint8* packed, uint8* y, const MaskArguments& arguments)
{
    bool isValid = checkMask(packed, arguments);
    int64 index = (int64)blockIndex() * MaskThreads + threadIndex();
    if (8 * index >= arguments.elementCount)
        return;
    uint32 bits = isValid ? packed[MaskHeaderBytes + index] : 0;
    Chunk<BitsElement<uint8>, 8> chunk = {};
#pragma unroll
    for (uint32 i = 0; i < 8; i++)
        chunk.put(i, bits >> i & 1);
    storeEight(y, 8 * index, arguments.elementCount, chunk);
}

// Calls with each of a thread's elements and its bit; what comes back is written, to dX, which may be dY.
// A buffer that is no mask gives NaN everywhere.
template <class Element, class Select>
DEVICE void selectByMask(
    const typename Element::Raw* dY, const uint8* packed, typename Element::Raw* dX, const MaskArguments& arguments,
    typename Element::Raw nan, Select select)
{
    bool isValid = checkMask(packed, arguments);
    int64 index = (int64)blockIndex() * MaskThreads + threadIndex();
    if (8 * index >= arguments.elementCount)
        return;
    auto chunk = loadEight<Element, true>(dY, 8 * index, arguments.elementCount);
    uint32 bits = isValid ? packed[MaskHeaderBytes + index] : 0;
    Chunk<Element, 8> result = {};
#pragma unroll
    for (uint32 i = 0; i < 8; i++)
        result.put(i, isValid ? select(chunk.get(i), (bits >> i & 1) != 0) : nan);
    storeEight(dX, 8 * index, arguments.elementCount, result);
}

template <class Element>
DEVICE void maskKeep(
    const typename Element::Raw* dY, const uint8* packed, typename Element::Raw* dX, const MaskArguments& arguments)
{
    typedef typename Element::Raw Raw;
    selectByMask<Element>(
        dY, packed, dX, arguments, Element::nan(false), [](Raw raw, bool isKept) { return isKept ? raw : (Raw)0; });
}

template <class Element>
DEVICE void maskScale(
    const typename Element::Raw* dY, const uint8* packed, typename Element::Raw* dX, const MaskArguments& arguments)
{
    typedef typename Element::Raw Raw;
    float kept = arguments.kept;
    float dropped = arguments.dropped;
    float divisor = arguments.divisor;
    selectByMask<Element>(
        dY, packed, dX, arguments, Element::nan(false),
        [=](Raw raw, bool isKept) { return scaleElement<Element>(raw, isKept ? kept : dropped, divisor); });
}
