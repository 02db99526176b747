using System.Runtime.CompilerServices;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>What turns a code with its fraction bits, w, into a value: w · Scale + Offset.</summary>
/// <param name="Offset">The minimum, less the mean of the fraction with dither.</param>
/// <param name="Scale">step / 2^m.</param>
/// <param name="Zero">What code 0 of a zero-exact tensor decodes to: 0, or NaN in a group with NaN or infinity.</param>
internal readonly record struct DecodeParameters(float Offset, float Scale, float Zero)
{
    /// <summary>Every product of 16 bits and a number of 8 bits of precision below it is a float.</summary>
    private const uint TwoTo111 = (127 + 111) << 23;

    private const uint LaterBits = 0xffff;

    /// <summary>
    /// What turns (2^16 + w) · unit into a placed value, with one rounding of the whole; <see cref="Scale"/> is not
    /// subnormal then.
    /// </summary>
    /// <param name="placement">A placed number over its value.</param>
    /// <param name="unit">A power of two.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public DecodeParameters Placed(float placement, float unit) =>
        new((Offset - (1 << 16) * Scale) * placement, Scale * (placement / unit), Zero);

    /// <summary>Whether w · Scale is a float for every w, so that it does not matter whether it is rounded.</summary>
    public bool HasExactProducts
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            var bits = BitConverter.SingleToUInt32Bits(Scale);
            return (bits & LaterBits) == 0 && bits < TwoTo111;
        }
    }
}
