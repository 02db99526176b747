using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Vector;

namespace OnnxActNN.CustomOps.Cpu.Elements;

/// <summary>
/// float16, rounded to nearest even. Vectors go by integer arithmetic, as not all vector units convert it. Loading: the 15
/// bits, shifted to where float32 has its exponent, are a float 2^112 times too small, subnormal ones included; infinity and
/// NaN get the exponent of theirs. Storing: values below 2^−14 are rounded by adding ½, whose last bit is worth float16's
/// smallest number.
/// </summary>
internal readonly unsafe struct Float16Element : IScalarElement, IVectorElement
{
    private const uint Sign = 0x80000000;
    private const uint TwoTo112 = (127 + 112) << 23;
    private const uint InfinityBits = 0x7f800000;
    private const uint Half = 126 << 23;
    private const int SmallestNormal = (127 - 14) << 23;

    /// <summary>The first value that rounds to infinity: 65520.</summary>
    private const int Overflow = 0x477ff000;

    public static int Size => 2;

    public static float Read(void* x, long index) => (float)((Half*)x)[index];

    public static void Write(void* y, long index, float value) => ((Half*)y)[index] = (Half)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector ToFloat<TLanes, TVector>(TVector raw)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var magnitude = TLanes.ShiftLeft(TLanes.And(raw, TLanes.Splat(0x7fff)), 13);
        var scaled = TLanes.MultiplyFloat(magnitude, TLanes.Splat(TwoTo112));
        var isSpecial = TLanes.LessSigned(TLanes.Splat((0x7c00 << 13) - 1), magnitude);
        var special = TLanes.And(isSpecial, TLanes.Splat(InfinityBits));
        return TLanes.Or(TLanes.Or(scaled, special), TLanes.And(TLanes.ShiftLeft(raw, 16), TLanes.Splat(Sign)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector FromFloat<TLanes, TVector>(TVector value)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var magnitude = TLanes.And(value, TLanes.Splat(~Sign));
        var odd = TLanes.And(TLanes.ShiftRight(magnitude, 13), TLanes.Splat(1));
        var rounded = TLanes.Add(TLanes.Add(magnitude, TLanes.Splat(0xfff)), odd);
        var normal = TLanes.ShiftRight(TLanes.Subtract(rounded, TLanes.Splat(112 << 23)), 13);
        var subnormal = TLanes.Subtract(TLanes.AddFloat(magnitude, TLanes.Splat(Half)), TLanes.Splat(Half));
        var isSubnormal = TLanes.LessSigned(magnitude, TLanes.Splat(SmallestNormal));
        var isOverflow = TLanes.LessSigned(TLanes.Splat(Overflow - 1), magnitude);
        var isNaN = TLanes.LessSigned(TLanes.Splat(InfinityBits), magnitude);
        var finite = TLanes.Select(isSubnormal, subnormal, normal);
        var special = TLanes.Or(TLanes.Splat(0x7c00), TLanes.And(isNaN, TLanes.Splat(0x200)));
        var sign = TLanes.And(TLanes.ShiftRight(value, 16), TLanes.Splat(0x8000));
        return TLanes.Or(TLanes.Select(isOverflow, special, finite), sign);
    }
}
