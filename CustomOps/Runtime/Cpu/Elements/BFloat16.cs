using System.Numerics;

namespace OnnxActNN.CustomOps.Cpu.Elements;

/// <summary>A bfloat16 that can be added and compared; sums are rounded to nearest, ties to even.</summary>
/// <param name="Bits">The upper half of a float32.</param>
internal readonly record struct BFloat16(ushort Bits)
    : IAdditionOperators<BFloat16, BFloat16, BFloat16>, IComparisonOperators<BFloat16, BFloat16, bool>,
        IMinMaxValue<BFloat16>
{
    private const ushort Quiet = 0x40;

    public static BFloat16 MinValue => new(0xff7f);

    public static BFloat16 MaxValue => new(0x7f7f);

    public static explicit operator float(BFloat16 value) => BitConverter.UInt32BitsToSingle((uint)value.Bits << 16);

    public static BFloat16 operator +(BFloat16 left, BFloat16 right) => Round((float)left + (float)right);

    public static bool operator >(BFloat16 left, BFloat16 right) => (float)left > (float)right;

    public static bool operator >=(BFloat16 left, BFloat16 right) => (float)left >= (float)right;

    public static bool operator <(BFloat16 left, BFloat16 right) => (float)left < (float)right;

    public static bool operator <=(BFloat16 left, BFloat16 right) => (float)left <= (float)right;

    public static BFloat16 Round(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        // Rounding could carry the payload of a NaN away.
        return new BFloat16(
            float.IsNaN(value) ? (ushort)((bits >> 16) | Quiet) : (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16));
    }
}
