using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Vector;

namespace OnnxActNN.CustomOps.Cpu.Elements;

/// <summary>
/// float16, rounded to nearest, ties away from 0; by integer arithmetic, as not all vector units convert it. Placed,
/// its 15 bits stand where float32 has its low exponent bits and high mantissa bits: a float 2^112 times too small,
/// subnormal ones included; so a multiplication by 2^112 loads it, and one by 2^−112 and half a unit store it.
/// </summary>
internal readonly unsafe struct Float16Element : IScalarElement, IVectorElement
{
    private const uint SignAndMagnitude = 0x8fffe000;
    private const uint Sign = 0x8000;
    private const uint TwoToMinus112 = (127 - 112) << 23;
    private const uint TwoToMinus64 = (127 - 64) << 23;
    private const uint HalfUnit = 0x1000;
    private const int Exponent = 0x7c00;
    private const uint WideExponent = 0x7f800000;

    public static int Size => 2;

    public static float Placement
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => BitConverter.UInt32BitsToSingle(TwoToMinus112);
    }

    public static float CodeUnit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => BitConverter.UInt32BitsToSingle(TwoToMinus64);
    }

    public static ushort Infinity => Exponent;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Read(void* x, long index)
    {
        var raw = ((short*)x)[index];
        var value = BitConverter.UInt32BitsToSingle((uint)(raw << 13) & SignAndMagnitude) / Placement;
        return (raw & Exponent) == Exponent
            ? BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) | WideExponent)
            : value;
    }

    public static void Write(void* y, long index, float value) => WritePlaced(y, index, value * Placement);

    public static void WriteDecoded(void* y, long index, uint code, in DecodeParameters parameters)
    {
        var placed = parameters.Placed(Placement, CodeUnit);
        WritePlaced(
            y, index, MathF.FusedMultiplyAdd(((1 << 16) + code) * CodeUnit, placed.Scale, placed.Offset));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector PlaceEven<TLanes, TVector>(TVector raw)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct =>
        TLanes.And(TLanes.ShiftEvenSigned(raw, 13), TLanes.Splat(SignAndMagnitude));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector PlaceOdd<TLanes, TVector>(TVector raw)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct =>
        TLanes.And(TLanes.ShiftRightSigned(raw, 3), TLanes.Splat(SignAndMagnitude));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Round<TLanes, TVector>(TVector even, TVector odd)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        // The 15 bits and one more, which rounds half of what they are twice.
        var doubled = TLanes.Select(TLanes.Splat(0xffff), TLanes.ShiftRight(even, 12), TLanes.ShiftLeft(odd, 4));
        var signs = TLanes.InterleaveUpper(even, odd);
        return TLanes.Select(TLanes.Splat((Sign << 16) | Sign), signs, TLanes.HalveUp16(doubled));
    }

    private static void WritePlaced(void* y, long index, float placed)
    {
        var bits = BitConverter.SingleToUInt32Bits(placed) + HalfUnit;
        ((ushort*)y)[index] = (ushort)(((bits >> 13) & ~Sign) | ((bits >> 16) & Sign));
    }
}
