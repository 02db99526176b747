using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Vector;

namespace OnnxActNN.CustomOps.Cpu.Elements;

/// <summary>bfloat16, rounded to nearest even; NaN stays NaN.</summary>
internal readonly unsafe struct BFloat16Element : IScalarElement, IVectorElement
{
    public static int Size => 2;

    public static float Read(void* x, long index) => BitConverter.UInt32BitsToSingle((uint)((ushort*)x)[index] << 16);

    public static void Write(void* y, long index, float value)
    {
        // Adding half a unit, and the odd bit for ties, cannot carry a NaN of the decoder (one high mantissa bit) away.
        var bits = BitConverter.SingleToUInt32Bits(value);
        ((ushort*)y)[index] = (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector ToFloat<TLanes, TVector>(TVector raw)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct =>
        TLanes.ShiftLeft(raw, 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector FromFloat<TLanes, TVector>(TVector value)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var odd = TLanes.And(TLanes.ShiftRight(value, 16), TLanes.Splat(1));
        var rounded = TLanes.Add(TLanes.Add(value, TLanes.Splat(0x7fff)), odd);
        return TLanes.ShiftRight(rounded, 16);
    }
}
