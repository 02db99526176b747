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

    public static void Multiply<T>(T* x, ulong mask, T kept, T dropped, T* y)
        where T : unmanaged, IBinaryInteger<T>
    {
        var factor = (mask & 1) != 0 ? kept : dropped;
        *y = sizeof(T) == sizeof(double)
            ? Unsafe.BitCast<double, T>(Unsafe.BitCast<T, double>(*x) * Unsafe.BitCast<T, double>(factor))
            : Unsafe.BitCast<float, T>(Unsafe.BitCast<T, float>(*x) * Unsafe.BitCast<T, float>(factor));
    }
}
