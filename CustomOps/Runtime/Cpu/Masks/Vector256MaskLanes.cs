using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxActNN.CustomOps.Cpu.Masks;

/// <summary>Vectors of 256 bits.</summary>
internal readonly unsafe struct Vector256MaskLanes : IMaskLanes
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TestedTogether<T>()
        where T : unmanaged => Vector256<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SelectedTogether<T>()
        where T : unmanaged => Vector256<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong InRange<T>(T* x, T low, T high)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        var bits = Vector256.Load(x);
        var isNegative = Vector256.LessThan(bits, Vector256<T>.Zero);
        var key = bits ^ (isNegative & Vector256.Create(T.MaxValue));
        var passes = Vector256.GreaterThanOrEqual(key, Vector256.Create(low))
            & Vector256.LessThanOrEqual(key, Vector256.Create(high));
        return passes.ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void KeepOrZero<T>(T* x, ulong mask, T* y)
        where T : unmanaged, IBinaryInteger<T>
    {
        (Vector256.Load(x) & Spread<T>(mask)).Store(y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale<T>(T* x, ulong mask, in MaskFactors<T> factors, T* y)
        where T : unmanaged, IBinaryInteger<T>
    {
        var factor = Vector256.ConditionalSelect(
            Spread<T>(mask), Vector256.Create(factors.Kept), Vector256.Create(factors.Dropped));
        var (value, divisor) = (Vector256.Load(x), Vector256.Create(factors.Divisor));
        var quotient = sizeof(T) == sizeof(double)
            ? (value.AsDouble() * factor.AsDouble() / divisor.AsDouble()).As<double, T>()
            : (value.AsSingle() * factor.AsSingle() / divisor.AsSingle()).As<float, T>();
        quotient.Store(y);
    }

    /// <summary>All ones in the lanes whose bit is 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Spread<T>(ulong mask)
        where T : unmanaged, IBinaryInteger<T>
    {
        var bit = sizeof(T) switch
        {
            sizeof(long) => Vector256.Create(1L, 2, 4, 8).As<long, T>(),
            sizeof(int) => Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128).As<int, T>(),
            _ => Vector256.Create(
                (short)1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, unchecked((short)32768))
                .As<short, T>(),
        };
        return Vector256.Equals(Vector256.Create(T.CreateTruncating(mask)) & bit, bit);
    }
}
