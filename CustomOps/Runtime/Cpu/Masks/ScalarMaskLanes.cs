using System.Numerics;
using System.Runtime.CompilerServices;

namespace OnnxActNN.CustomOps.Cpu.Masks;

/// <summary>The reference: one element at a time.</summary>
internal readonly unsafe struct ScalarMaskLanes : IMaskLanes
{
    public static int TestedTogether<T>()
        where T : unmanaged => 1;

    public static int SelectedTogether<T>()
        where T : unmanaged => 1;

    public static ulong InRange<T>(T* x, T low, T high)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        var key = KeyRange.Key(*x);
        return key >= low && key <= high ? 1u : 0;
    }

    public static void KeepOrZero<T>(T* x, ulong mask, T* y)
        where T : unmanaged, IBinaryInteger<T> => *y = (mask & 1) != 0 ? *x : T.Zero;

    public static void Scale<T>(T* x, ulong mask, in MaskFactors<T> factors, T* y)
        where T : unmanaged, IBinaryInteger<T>
    {
        var factor = (mask & 1) != 0 ? factors.Kept : factors.Dropped;
        *y = sizeof(T) == sizeof(double)
            ? Of(Double(*x) * Double(factor) / Double(factors.Divisor))
            : Of(Single(*x) * Single(factor) / Single(factors.Divisor));

        static double Double(T bits) => Unsafe.BitCast<T, double>(bits);
        static float Single(T bits) => Unsafe.BitCast<T, float>(bits);
        static T Of<TFloat>(TFloat value)
            where TFloat : struct => Unsafe.BitCast<TFloat, T>(value);
    }
}
