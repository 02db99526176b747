// Arithmetic as the CPU's numbers have it: rounded to nearest, ties to even, and NaN with the CPU's bits (a device has
// one NaN). The elements of CustomOps/Runtime/Cpu round ties away from 0 when they decode; gradients do not decode.
#pragma once

#include "elements.cuh"

// What a product of infinity and 0 is on x86.
constexpr uint32 GeneratedNan = 0xffc00000;

template <class Element>
struct Rounding;

template <>
struct Rounding<Float32Element>
{
    typedef float Number;
    static DEVICE float widen(uint32 raw) { return floatOf(raw); }
    static DEVICE uint32 quiet(uint32 raw) { return raw | 0x400000; }
    static DEVICE uint32 round(float value) { return value == value ? bitsOf(value) : GeneratedNan; }
};

template <>
struct Rounding<Float64Element>
{
    typedef double Number;
    static DEVICE double widen(uint64 raw) { return __builtin_bit_cast(double, raw); }
    static DEVICE uint64 quiet(uint64 raw) { return raw | 0x8000000000000; }
    static DEVICE uint64 round(double value)
    {
        return value == value ? __builtin_bit_cast(uint64, value) : 0xfff8000000000000;
    }
};

template <>
struct Rounding<BFloat16Element>
{
    typedef float Number;
    static DEVICE float widen(uint16 raw) { return BFloat16Element::toFloat(raw); }
    static DEVICE uint16 quiet(uint16 raw) { return raw | 0x40; }
    static DEVICE uint16 round(float value)
    {
        uint32 bits = value == value ? bitsOf(value) : GeneratedNan;
        return (uint16)((value == value ? bits + 0x7fff + (bits >> 16 & 1) : bits) >> 16);
    }
};

template <>
struct Rounding<Float16Element>
{
    typedef float Number;
    static DEVICE float widen(uint16 raw) { return Float16Element::toFloat(raw); }
    static DEVICE uint16 quiet(uint16 raw) { return raw | 0x200; }
    static DEVICE uint16 round(float value)
    {
        uint32 bits = bitsOf(value);
        uint32 magnitude = bits & 0x7fffffff;
        uint32 sign = bits >> 16 & 0x8000;
        if (!(value == value))
            return 0xfe00;
        // From 2^16 on infinity; below 2^−14 the addition of 2^−1 rounds to the subnormal numbers' unit.
        if (magnitude >= 0x47800000)
            return (uint16)(sign | 0x7c00);
        if (magnitude < 0x38800000)
            return (uint16)(sign | (bitsOf(floatOf(magnitude) + 0.5f) - 0x3f000000));
        return (uint16)(sign | (magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13);
    }
};

template <class Element>
DEVICE typename Element::Raw scaleElement(typename Element::Raw raw, float factor, float divisor)
{
    typedef typename Rounding<Element>::Number Number;
    Number value = Rounding<Element>::widen(raw);
    return value == value
        ? Rounding<Element>::round(value * (Number)factor / (Number)divisor)
        : Rounding<Element>::quiet(raw);
}

template <class Element>
DEVICE typename Element::Raw addElements(typename Element::Raw left, typename Element::Raw right)
{
    return Rounding<Element>::round(Rounding<Element>::widen(left) + Rounding<Element>::widen(right));
}

template <class Element>
DEVICE typename Element::Raw multiplyElement(typename Element::Raw raw, float factor)
{
    typedef typename Rounding<Element>::Number Number;
    Number value = Rounding<Element>::widen(raw);
    return value == value ? Rounding<Element>::round(value * (Number)factor) : Rounding<Element>::quiet(raw);
}
