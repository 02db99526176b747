using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxActNN.CustomOps.Cpu.Masks;

/// <summary>Vectors of 128 bits.</summary>
internal readonly unsafe struct Vector128MaskLanes : IMaskLanes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TestedTogether<T>()
        where T : unmanaged => Vector128<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SelectedTogether<T>()
        where T : unmanaged => Vector128<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong InRange<T>(T* x, T low, T high)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        var bits = Vector128.Load(x);
        var isNegative = Vector128.LessThan(bits, Vector128<T>.Zero);
        var key = bits ^ (isNegative & Vector128.Create(T.MaxValue));
        var passes = Vector128.GreaterThanOrEqual(key, Vector128.Create(low))
            & Vector128.LessThanOrEqual(key, Vector128.Create(high));
        return passes.ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void KeepOrZero<T>(T* x, ulong mask, T* y)
        where T : unmanaged, IBinaryInteger<T>
    {
        (Vector128.Load(x) & Spread<T>(mask)).Store(y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale<T>(T* x, ulong mask, in MaskFactors<T> factors, T* y)
        where T : unmanaged, IBinaryInteger<T>
    {
        var factor = Vector128.ConditionalSelect(
            Spread<T>(mask), Vector128.Create(factors.Kept), Vector128.Create(factors.Dropped));
        var (value, divisor) = (Vector128.Load(x), Vector128.Create(factors.Divisor));
        var quotient = sizeof(T) == sizeof(double)
            ? (value.AsDouble() * factor.AsDouble() / divisor.AsDouble()).As<double, T>()
            : (value.AsSingle() * factor.AsSingle() / divisor.AsSingle()).As<float, T>();
        quotient.Store(y);
    }

    /// <summary>All ones in the lanes whose bit is 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<T> Spread<T>(ulong mask)
        where T : unmanaged, IBinaryInteger<T>
    {
        var bit = sizeof(T) switch
        {
            sizeof(long) => Vector128.Create(1L, 2).As<long, T>(),
            sizeof(int) => Vector128.Create(1, 2, 4, 8).As<int, T>(),
            _ => Vector128.Create((short)1, 2, 4, 8, 16, 32, 64, 128).As<short, T>(),
        };
        return Vector128.Equals(Vector128.Create(T.CreateTruncating(mask)) & bit, bit);
    }
}
