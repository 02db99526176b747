using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxActNN.CustomOps.Cpu.Masks;

/// <summary>Vectors of 512 bits; elements of 2 bytes have more lanes than bits, so their selections use 256.</summary>
internal readonly unsafe struct Vector512MaskLanes : IMaskLanes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TestedTogether<T>()
        where T : unmanaged => Vector512<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SelectedTogether<T>()
        where T : unmanaged =>
            sizeof(T) == sizeof(short) ? Vector256MaskLanes.SelectedTogether<T>() : Vector512<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong InRange<T>(T* x, T low, T high)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        var bits = Vector512.Load(x);
        var isNegative = Vector512.LessThan(bits, Vector512<T>.Zero);
        var key = bits ^ (isNegative & Vector512.Create(T.MaxValue));
        var passes = Vector512.GreaterThanOrEqual(key, Vector512.Create(low))
            & Vector512.LessThanOrEqual(key, Vector512.Create(high));
        return passes.ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void KeepOrZero<T>(T* x, ulong mask, T* y)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (sizeof(T) == sizeof(short))
        {
            Vector256MaskLanes.KeepOrZero(x, mask, y);
            return;
        }
        (Vector512.Load(x) & Spread<T>(mask)).Store(y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale<T>(T* x, ulong mask, in MaskFactors<T> factors, T* y)
        where T : unmanaged, IBinaryInteger<T>
    {
        var factor = Vector512.ConditionalSelect(
            Spread<T>(mask), Vector512.Create(factors.Kept), Vector512.Create(factors.Dropped));
        var (value, divisor) = (Vector512.Load(x), Vector512.Create(factors.Divisor));
        var quotient = sizeof(T) == sizeof(double)
            ? (value.AsDouble() * factor.AsDouble() / divisor.AsDouble()).As<double, T>()
            : (value.AsSingle() * factor.AsSingle() / divisor.AsSingle()).As<float, T>();
        quotient.Store(y);
    }

    /// <summary>All ones in the lanes whose bit is 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Spread<T>(ulong mask)
        where T : unmanaged, IBinaryInteger<T>
    {
        var bit = sizeof(T) switch
        {
            sizeof(long) => Vector512.Create(1L, 2, 4, 8, 16, 32, 64, 128).As<long, T>(),
            _ => Vector512.Create(
                1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768).As<int, T>(),
        };
        return Vector512.Equals(Vector512.Create(T.CreateTruncating(mask)) & bit, bit);
    }
}
