// AddInPlace: the mirror of CustomOps/Runtime/Cpu/Sums.
// A thread has 4 elements; c may be a, and b where all of it is added.
#include "memory.cuh"

constexpr uint32 AddThreads = 256;

// Fields and their order are those of Cuda/SumArguments.cs.
struct SumArguments
{
    int64 count;
    // Of a sample, those of a and c and those of b, of which the ones from first on are added.
    int64 sampleElements;
    int64 otherElements;
    int64 first;
};

// NaN as x86 has it: the first summand's, else the second's, else the one of infinities that cancel.
DEVICE float add(float a, float b)
{
    float sum = a + b;
    if (sum == sum)
        return sum;
    return floatOf(!(a == a) ? bitsOf(a) | 0x400000 : !(b == b) ? bitsOf(b) | 0x400000 : 0xffc00000);
}

// How much farther on in b an element's summand is.
DEVICE int64 distanceOf(int64 sample, const SumArguments& arguments)
{
    return sample * (arguments.otherElements - arguments.sampleElements) + arguments.first;
}

KERNEL(AddThreads) add_in_place(const float* a, const float* b, float* c, SumArguments arguments)
{
    int64 first = ((int64)blockIndex() * AddThreads + threadIndex()) * 4;
    int64 sample = divideIndex(first, arguments.sampleElements);
    bool isWhole = arguments.count - first >= 4 && first + 4 <= (sample + 1) * arguments.sampleElements;
    const float* other = b + first + distanceOf(sample, arguments);
    if (isWhole && isAligned(a, 16) && isAligned(other, 16) && isAligned(c, 16))
    {
        uint32 left[4], right[4];
        loadWords<true>(a + first, left);
        loadWords<true>(other, right);
#pragma unroll
        for (uint32 i = 0; i < 4; i++)
            left[i] = bitsOf(add(floatOf(left[i]), floatOf(right[i])));
        storeWords(c + first, left);
        return;
    }
    for (int64 i = first; i < smaller(first + 4, arguments.count); i++)
        c[i] = add(a[i], b[i + distanceOf(divideIndex(i, arguments.sampleElements), arguments)]);
}
REGISTER_KERNEL(add_in_place)
