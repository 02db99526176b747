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
