using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Vector;

namespace OnnxActNN.CustomOps.Cpu.Elements;

/// <summary>
/// float16, rounded to nearest, ties away from 0; by integer arithmetic, as not all vector units convert it. The 15 bits of a
/// float16, put where float32 has its low exponent bits and high mantissa bits, are a float 2^112 times too small,
/// subnormal ones included; so a multiplication by 2^112 loads it, and one by 2^−112 and half a unit store it.
/// </summary>
internal readonly unsafe struct Float16Element : IScalarElement, IVectorElement
{
    private const uint SignAndMagnitude = 0x8fffe000;
    private const uint Sign = 0x8000;
    private const uint TwoTo112 = (127 + 112) << 23;
    private const uint TwoToMinus112 = (127 - 112) << 23;
    private const uint HalfUnit = 0x1000;

    public static int Size => 2;

    public static float Read(void* x, long index) => (float)((Half*)x)[index];

    public static void Write(void* y, long index, float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value * BitConverter.UInt32BitsToSingle(TwoToMinus112)) + HalfUnit;
        ((ushort*)y)[index] = (ushort)(((bits >> 13) & ~Sign) | ((bits >> 16) & Sign));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector EvenToFloat<TLanes, TVector>(TVector raw)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct =>
        OddToFloat<TLanes, TVector>(TLanes.ShiftLeft(raw, 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector OddToFloat<TLanes, TVector>(TVector raw)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var placed = TLanes.And(TLanes.ShiftRightSigned(raw, 3), TLanes.Splat(SignAndMagnitude));
        return TLanes.MultiplyFloat(placed, TLanes.Splat(TwoTo112));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector FromFloats<TLanes, TVector>(TVector even, TVector odd)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var (low, high) = (Round<TLanes, TVector>(even), Round<TLanes, TVector>(odd));
        low = TLanes.Select(TLanes.Splat(~Sign), TLanes.ShiftRight(low, 13), TLanes.ShiftRight(low, 16));
        high = TLanes.Select(TLanes.Splat(~Sign << 16), TLanes.ShiftLeft(high, 3), high);
        return TLanes.Select(TLanes.Splat(0xffff), low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Round<TLanes, TVector>(TVector value)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct =>
        TLanes.Add(TLanes.MultiplyFloat(value, TLanes.Splat(TwoToMinus112)), TLanes.Splat(HalfUnit));
}
