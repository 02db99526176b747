// Packed indices of max pooling: the mirror of CustomOps/Runtime/Cpu/Pooling.
#pragma once

#include "rounding.cuh"

constexpr uint32 PoolThreads = 256;
constexpr uint32 IndexHeaderBytes = 96;
constexpr uint32 PoolAxes = 3;
// More than a byte holds.
constexpr uint32 NoOffset = 256;

// Fields and their order are those of Cuda/PoolArguments.cs.
// Pools over fewer axes have leading axes of one element and window.
struct PoolArguments
{
    int64 packedBytes;
    int64 planeCount;
    // Windows of a plane, and elements of the pool's input in it.
    int64 planeWindows;
    int64 planeElements;
    int64 sizes[PoolAxes];
    int64 windows[PoolAxes];
    int32 axes;
    // For the pool alone: 1 begins with a window's first element, 0 with the least finite number.
    int32 fromFirst;
    // For the pack alone; the gradient finds it in the packed buffer.
    uint32 header[IndexHeaderBytes / 4];
};

// Along each axis, the number of an element in a plane, where it may lie outside, or of a window.
struct Place
{
    int64 at[PoolAxes];
};

struct Pool
{
    int64 planeCount;
    int64 planeWindows;
    int64 planeElements;
    int64 planeBytes;
    int64 sizes[PoolAxes];
    int64 windows[PoolAxes];
    int32 kernel[PoolAxes];
    int32 strides[PoolAxes];
    int32 dilations[PoolAxes];
    int32 pads[PoolAxes];
    // 0 when the header is not one of indices of this shape; see CustomOps/Format/IndexLayout.cs.
    uint32 offsetBits;

    static DEVICE Pool read(const uint32* header, const PoolArguments& arguments)
    {
        Pool pool = {};
        uint32 bits = header[1] >> 8 & 0xff;
        int64 elements = 1;
        bool isKnown = header[0] == 0x494e414f && header[1] == (1 | bits << 8 | (uint32)arguments.axes << 16);
        for (int32 axis = 0; axis < (int32)PoolAxes; axis++)
        {
            int32 own = axis - ((int32)PoolAxes - arguments.axes);
            pool.sizes[axis] = arguments.sizes[axis];
            pool.windows[axis] = arguments.windows[axis];
            pool.kernel[axis] = number(header, 0, own, 1);
            pool.strides[axis] = number(header, 1, own, 1);
            pool.dilations[axis] = number(header, 2, own, 1);
            pool.pads[axis] = number(header, 3, own, 0);
            isKnown = isKnown && pool.kernel[axis] >= 1 && pool.strides[axis] >= 1 && pool.dilations[axis] >= 1
                && pool.pads[axis] >= 0;
            elements *= smaller(pool.kernel[axis], 257);
            for (uint32 list = 0; axis >= arguments.axes && list < 4; list++)
                isKnown = isKnown && header[6 + PoolAxes * list + axis] == 0;
        }
        for (uint32 i = 18; i < IndexHeaderBytes / 4; i++)
            isKnown = isKnown && header[i] == 0;
        pool.planeCount = arguments.planeCount;
        pool.planeWindows = arguments.planeWindows;
        pool.planeElements = arguments.planeElements;
        if (!isKnown || elements > 256 || bits != (elements <= 4 ? 2u : elements <= 16 ? 4u : 8u))
            return pool;
        pool.planeBytes = divideUp(pool.planeWindows, (int64)(8 / bits));
        bool fits = number64(header, 2) == pool.planeCount * pool.planeWindows
            && number64(header, 4) == arguments.packedBytes
            && arguments.packedBytes == IndexHeaderBytes + pool.planeCount * pool.planeBytes;
        pool.offsetBits = fits ? bits : 0;
        return pool;
    }

    DEVICE uint32 kernelElements() const { return (uint32)(kernel[0] * kernel[1] * kernel[2]); }

    DEVICE Place placeOfWindow(int64 window) const { return split(window, windows); }

    DEVICE Place placeOfElement(int64 element) const { return split(element, sizes); }

    DEVICE bool contains(int64 element) const { return element >= 0 && element < planeElements; }

    DEVICE bool contains(const Place& place) const
    {
        bool isInside = true;
        for (uint32 axis = 0; axis < PoolAxes; axis++)
            isInside = isInside && place.at[axis] >= 0 && place.at[axis] < sizes[axis];
        return isInside;
    }

    DEVICE int64 elementAt(const Place& place) const
    {
        return (place.at[0] * sizes[1] + place.at[1]) * sizes[2] + place.at[2];
    }

    // Where the element at an offset of a window lies.
    DEVICE Place placeOf(const Place& window, uint32 offset) const
    {
        uint32 row = offset / (uint32)kernel[2];
        uint32 slice = row / (uint32)kernel[1];
        uint32 elements[PoolAxes] = {slice, row - slice * (uint32)kernel[1], offset - row * (uint32)kernel[2]};
        Place place;
        for (uint32 axis = 0; axis < PoolAxes; axis++)
            place.at[axis] = window.at[axis] * strides[axis] - pads[axis] + (int64)elements[axis] * dilations[axis];
        return place;
    }

    // The offset in a window of the element at a place; NoOffset where it has no such element.
    DEVICE uint32 offsetOf(const Place& window, const Place& place) const
    {
        uint32 offset = 0;
        for (uint32 axis = 0; axis < PoolAxes; axis++)
        {
            int64 distance = place.at[axis] + pads[axis] - window.at[axis] * strides[axis];
            if (distance < 0)
                return NoOffset;
            int64 element = divideIndex(distance, dilations[axis]);
            if (element >= kernel[axis] || element * dilations[axis] != distance)
                return NoOffset;
            offset = offset * (uint32)kernel[axis] + (uint32)element;
        }
        return offset;
    }

    // The first offset of a window that lies in the plane.
    DEVICE uint32 firstOffset(const Place& window) const
    {
        for (uint32 offset = 0; offset < kernelElements(); offset++)
        {
            if (contains(placeOf(window, offset)))
                return offset;
        }
        return 0;
    }

private:
    static DEVICE Place split(int64 number, const int64* counts)
    {
        int64 row = divideIndex(number, counts[2]);
        int64 slice = divideIndex(row, counts[1]);
        return {{slice, row - slice * counts[1], number - row * counts[2]}};
    }

    static DEVICE int32 number(const uint32* header, uint32 list, int32 axis, int32 otherwise)
    {
        return axis < 0 ? otherwise : (int32)header[6 + PoolAxes * list + axis];
    }

    static DEVICE int64 number64(const uint32* header, uint32 word)
    {
        return (int64)((uint64)header[word + 1] << 32 | header[word]);
    }
};

// Read by one thread of a block for all.
SHARED Pool sharedPool;

DEVICE const Pool& openPool(const uint32* header, const PoolArguments& arguments)
{
    if (threadIndex() == 0)
        sharedPool = Pool::read(header, arguments);
    synchronizeBlock();
    return sharedPool;
}

// A thread makes one byte of codes, of what offsetOfWindow(pool, plane, window) tells of each of its windows.
template <class Offsets>
DEVICE void packOffsets(uint8* packed, const PoolArguments& arguments, const Offsets& offsetOfWindow)
{
    const Pool& pool = openPool(arguments.header, arguments);
    int64 index = (int64)blockIndex() * PoolThreads + threadIndex();
    if (index < IndexHeaderBytes / 4)
        ((uint32*)packed)[index] = arguments.header[index];
    if (pool.offsetBits == 0 || index >= pool.planeCount * pool.planeBytes)
        return;
    int64 plane = divideIndex(index, pool.planeBytes);
    int64 window = (index - plane * pool.planeBytes) * (8 / pool.offsetBits);
    uint32 byte = 0;
    for (uint32 shift = 0; shift < 8 && window < pool.planeWindows; shift += pool.offsetBits, window++)
        byte |= offsetOfWindow(pool, plane, window) << shift;
    packed[IndexHeaderBytes + index] = (uint8)byte;
}

struct OffsetsOfIndices
{
    const int64* indices;

    DEVICE uint32 operator()(const Pool& pool, int64 plane, int64 window) const
    {
        int64 element = indices[plane * pool.planeWindows + window] - plane * pool.planeElements;
        Place place = pool.placeOfWindow(window);
        uint32 offset = pool.contains(element) ? pool.offsetOf(place, pool.placeOfElement(element)) : NoOffset;
        return offset != NoOffset ? offset : pool.firstOffset(place);
    }
};

DEVICE void indexPack(const int64* indices, uint8* packed, const PoolArguments& arguments)
{
    packOffsets(packed, arguments, OffsetsOfIndices{indices});
}

// Whether an element is above another; comparisons with NaN are false.
template <class Element>
DEVICE bool isGreater(typename Element::Raw left, typename Element::Raw right)
{
    if constexpr (sizeof(typename Element::Raw) == 8)
        return __builtin_bit_cast(double, left) > __builtin_bit_cast(double, right);
    else
        return Element::toFloat(left) > Element::toFloat(right);
}

// The first of a window's largest elements and its offset; where none is above what the search begins with, the first
// in the plane.
template <class Element>
DEVICE uint32 largestOf(
    const typename Element::Raw* x, int64 window, const Pool& pool, bool fromFirst, typename Element::Raw& result)
{
    Place windowPlace = pool.placeOfWindow(window);
    uint32 count = pool.kernelElements();
    uint32 found = count;
    typename Element::Raw largest = Element::Lowest;
    for (uint32 offset = 0; offset < count; offset++)
    {
        Place place = pool.placeOf(windowPlace, offset);
        if (!pool.contains(place))
            continue;
        typename Element::Raw value = x[pool.elementAt(place)];
        bool isFirst = found == count;
        if (isGreater<Element>(value, largest) || (isFirst && fromFirst))
        {
            largest = value;
            found = offset;
        }
        else if (isFirst)
            found = offset;
    }
    result = largest;
    return found < count ? found : 0;
}

// The offsets of largest elements, which go to Y on the way.
template <class Element>
struct OffsetsOfLargest
{
    const typename Element::Raw* x;
    typename Element::Raw* y;
    bool fromFirst;

    DEVICE uint32 operator()(const Pool& pool, int64 plane, int64 window) const
    {
        return largestOf<Element>(
            x + plane * pool.planeElements, window, pool, fromFirst, y[plane * pool.planeWindows + window]);
    }
};

template <class Element>
DEVICE void maxPoolIndexPack(
    const typename Element::Raw* x, uint8* packed, typename Element::Raw* y, const PoolArguments& arguments)
{
    packOffsets(packed, arguments, OffsetsOfLargest<Element>{x, y, arguments.fromFirst != 0});
}

// The windows of an axis that may reach a coordinate: from first up to, not including, end.
DEVICE void windowsOver(const Pool& pool, uint32 axis, int64 coordinate, int64& first, int64& end)
{
    int64 padded = coordinate + pool.pads[axis];
    int64 reach = padded - (int64)pool.dilations[axis] * (pool.kernel[axis] - 1);
    first = reach <= 0 ? 0 : divideUp(reach, (int64)pool.strides[axis]);
    end = smaller(divideIndex(padded, pool.strides[axis]) + 1, pool.windows[axis]);
}

// A thread makes one element of dX: it adds up, in their order, the windows whose index it is. Indices outside the
// plane, which only damaged buffers hold, are nobody's.
template <class Element>
DEVICE typename Element::Raw gatherGradient(
    const typename Element::Raw* dY, const uint8* codes, int64 element, const Pool& pool)
{
    Place place = pool.placeOfElement(element);
    int64 first[PoolAxes], end[PoolAxes];
    for (uint32 axis = 0; axis < PoolAxes; axis++)
        windowsOver(pool, axis, place.at[axis], first[axis], end[axis]);
    uint32 perByte = 8 / pool.offsetBits;
    typename Element::Raw sum = 0;
    for (int64 i = first[0]; i < end[0]; i++)
    {
        for (int64 j = first[1]; j < end[1]; j++)
        {
            for (int64 k = first[2]; k < end[2]; k++)
            {
                int64 window = (i * pool.windows[1] + j) * pool.windows[2] + k;
                uint32 shift = (uint32)(window % perByte) * pool.offsetBits;
                uint32 offset = codes[window / perByte] >> shift & ((1u << pool.offsetBits) - 1);
                if (offset == pool.offsetOf({{i, j, k}}, place))
                    sum = addElements<Element>(sum, dY[window]);
            }
        }
    }
    return sum;
}

template <class Element>
DEVICE void maxPoolGrad(
    const typename Element::Raw* dY, const uint8* packed, typename Element::Raw* dX, const PoolArguments& arguments)
{
    const Pool& pool = openPool((const uint32*)packed, arguments);
    int64 index = (int64)blockIndex() * PoolThreads + threadIndex();
    if (index >= pool.planeCount * pool.planeElements)
        return;
    int64 plane = divideIndex(index, pool.planeElements);
    const uint8* codes = packed + IndexHeaderBytes + plane * pool.planeBytes;
    dX[index] = pool.offsetBits != 0
        ? gatherGradient<Element>(dY + plane * pool.planeWindows, codes, index - plane * pool.planeElements, pool)
        : Element::nan(false);
}
