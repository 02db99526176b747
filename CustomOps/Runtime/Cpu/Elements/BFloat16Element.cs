using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Vector;

namespace OnnxActNN.CustomOps.Cpu.Elements;

/// <summary>bfloat16, rounded to nearest, ties away from 0; NaN stays NaN.</summary>
internal readonly unsafe struct BFloat16Element : IScalarElement, IVectorElement
{
    private const uint HalfUnit = 0x8000;

    public static int Size => 2;

    public static float Placement => 1f;

    public static float CodeUnit => throw new NotSupportedException();

    public static ushort Infinity => 0x7f80;

    public static float Read(void* x, long index) => BitConverter.UInt32BitsToSingle((uint)((ushort*)x)[index] << 16);

    public static void Write(void* y, long index, float value)
    {
        // Adding half a unit cannot carry a NaN of the decoder (one high mantissa bit) away.
        ((ushort*)y)[index] = (ushort)((BitConverter.SingleToUInt32Bits(value) + HalfUnit) >> 16);
    }

    public static void WriteDecoded(void* y, long index, uint code, in DecodeParameters parameters) =>
        Write(y, index, code * parameters.Scale + parameters.Offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector PlaceEven<TLanes, TVector>(TVector raw)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct =>
        TLanes.ShiftLeft(raw, 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector PlaceOdd<TLanes, TVector>(TVector raw)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct =>
        TLanes.And(raw, TLanes.Splat(0xffff0000));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Round<TLanes, TVector>(TVector even, TVector odd)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct =>
        TLanes.InterleaveUpper(TLanes.Add(even, TLanes.Splat(HalfUnit)), TLanes.Add(odd, TLanes.Splat(HalfUnit)));
}
