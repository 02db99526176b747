using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>4 lanes of any machine with 128-bit vectors.</summary>
internal readonly unsafe struct Vector128Lanes : ILanes<Vector128<uint>>
{
    public static int Count => 4;

    public static Vector128<uint> Indices => Vector128<uint>.Indices;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Splat(uint value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Load32(void* source) => Vector128.Load((uint*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Load8(byte* source) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(Unsafe.ReadUnaligned<uint>(source)).AsByte()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Load64(void* source)
    {
        var (low, high) = (Vector128.Load((double*)source), Vector128.Load((double*)source + Count / 2));
        var narrow = Vector128.Narrow(low, high);
        var isPositive = Vector128.Narrow(
            Vector128.GreaterThan(low, Vector128<double>.Zero).AsInt64(),
            Vector128.GreaterThan(high, Vector128<double>.Zero).AsInt64());
        var isLost = Vector128.Equals(narrow, Vector128<float>.Zero).AsInt32() & isPositive;
        return Vector128.ConditionalSelect(isLost.AsUInt32(), Vector128<uint>.One, narrow.AsUInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store32(Vector128<uint> value, void* target) => value.Store((uint*)target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store8(Vector128<uint> value, byte* target)
    {
        var words = Vector128.Narrow(value, value);
        Unsafe.WriteUnaligned(target, Vector128.Narrow(words, words).AsUInt32().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store64(Vector128<uint> value, void* target)
    {
        var (low, high) = Vector128.Widen(value.AsSingle());
        low.Store((double*)target);
        high.Store((double*)target + Count / 2);
    }

    [SkipLocalsInit]
    public static Vector128<uint> LoadFirst32(void* source, int count)
    {
        var buffer = stackalloc byte[Count * 4];
        PartialCopy.Load(source, buffer, count * 4, Count * 4);
        return Load32(buffer);
    }

    [SkipLocalsInit]
    public static Vector128<uint> LoadFirst8(byte* source, int count)
    {
        var buffer = stackalloc byte[Count];
        PartialCopy.Load(source, buffer, count, Count);
        return Load8(buffer);
    }

    [SkipLocalsInit]
    public static void StoreFirst32(Vector128<uint> value, void* target, int count)
    {
        var buffer = stackalloc byte[Count * 4];
        Store32(value, buffer);
        PartialCopy.Store(buffer, target, count * 4, Count * 4);
    }

    [SkipLocalsInit]
    public static void StoreFirst8(Vector128<uint> value, byte* target, int count)
    {
        var buffer = stackalloc byte[Count];
        Store8(value, buffer);
        PartialCopy.Store(buffer, target, count, Count);
    }

    [SkipLocalsInit]
    public static Vector128<uint> LoadFirst16(void* source, int count)
    {
        var buffer = stackalloc byte[Count * 4];
        PartialCopy.Load(source, buffer, Math.Min(count, 2 * Count) * 2, Count * 4);
        return Load32(buffer);
    }

    [SkipLocalsInit]
    public static void StoreFirst16(Vector128<uint> value, void* target, int count)
    {
        var buffer = stackalloc byte[Count * 4];
        Store32(value, buffer);
        PartialCopy.Store(buffer, target, Math.Min(count, 2 * Count) * 2, Count * 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Narrow(Vector128<uint> low, Vector128<uint> high) =>
        Vector128.Narrow(low, high).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Interleave(Vector128<uint> even, Vector128<uint> odd) =>
        Vector128.ConditionalSelect(Vector128.Create(0xffffu), even, odd << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> InterleaveUpper(Vector128<uint> even, Vector128<uint> odd) =>
        Vector128.ConditionalSelect(Vector128.Create(0xffffu), even >>> 16, odd);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> ShiftEvenSigned(Vector128<uint> value, int bits) =>
        ((value << 16).AsInt32() >> (16 - bits)).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> WidenLower(Vector128<uint> value) =>
        Vector128.WidenLower(value.AsUInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> WidenUpper(Vector128<uint> value) =>
        Vector128.WidenUpper(value.AsUInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> KeepFirst16(Vector128<uint> value, int count) =>
        value & First16(count).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> And(Vector128<uint> a, Vector128<uint> b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Or(Vector128<uint> a, Vector128<uint> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Xor(Vector128<uint> a, Vector128<uint> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Select(Vector128<uint> mask, Vector128<uint> a, Vector128<uint> b) =>
        Vector128.ConditionalSelect(mask, a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> ShiftLeft(Vector128<uint> value, int bits) => value << bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> ShiftRight(Vector128<uint> value, int bits) => value >>> bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> ShiftRightSigned(Vector128<uint> value, int bits) =>
        (value.AsInt32() >> bits).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Add(Vector128<uint> a, Vector128<uint> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Subtract(Vector128<uint> a, Vector128<uint> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Multiply(Vector128<uint> a, Vector128<uint> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> MaxSigned(Vector128<uint> a, Vector128<uint> b) =>
        Vector128.Max(a.AsInt32(), b.AsInt32()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> MaxUnsigned(Vector128<uint> a, Vector128<uint> b) =>
        Vector128.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> MinUnsigned(Vector128<uint> a, Vector128<uint> b) =>
        Vector128.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> MaxSigned16(Vector128<uint> a, Vector128<uint> b) =>
        Vector128.Max(a.AsInt16(), b.AsInt16()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> MaxUnsigned16(Vector128<uint> a, Vector128<uint> b) =>
        Vector128.Max(a.AsUInt16(), b.AsUInt16()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> MinUnsigned16(Vector128<uint> a, Vector128<uint> b) =>
        Vector128.Min(a.AsUInt16(), b.AsUInt16()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> HalveUp16(Vector128<uint> value) =>
        ((value.AsUInt16() >>> 1) + (value.AsUInt16() & Vector128<ushort>.One)).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LargestSigned(Vector128<uint> value)
    {
        value = MaxSigned(value, SwapPairs(value));
        return (int)MaxSigned(value, SwapLanes(value)).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint LargestUnsigned(Vector128<uint> value)
    {
        value = MaxUnsigned(value, SwapPairs(value));
        return MaxUnsigned(value, SwapLanes(value)).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint SmallestUnsigned(Vector128<uint> value)
    {
        value = MinUnsigned(value, SwapPairs(value));
        return MinUnsigned(value, SwapLanes(value)).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> LargestSigned16(Vector128<uint> value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> LargestUnsigned16(Vector128<uint> value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> SmallestUnsigned16(Vector128<uint> value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> LessSigned(Vector128<uint> a, Vector128<uint> b) =>
        Vector128.LessThan(a.AsInt32(), b.AsInt32()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> AddFloat(Vector128<uint> a, Vector128<uint> b) =>
        (a.AsSingle() + b.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> SubtractFloat(Vector128<uint> a, Vector128<uint> b) =>
        (a.AsSingle() - b.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> MultiplyFloat(Vector128<uint> a, Vector128<uint> b) =>
        (a.AsSingle() * b.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> MultiplyAddExact(Vector128<uint> a, Vector128<uint> b, Vector128<uint> c) =>
        Vector128.MultiplyAddEstimate(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> MultiplyAdd(Vector128<uint> a, Vector128<uint> b, Vector128<uint> c)
    {
        if (Fma.IsSupported || AdvSimd.IsSupported)
            return Vector128.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsUInt32();
        var (aLow, aHigh) = Vector128.Widen(a.AsSingle());
        var (bLow, bHigh) = Vector128.Widen(b.AsSingle());
        var (cLow, cHigh) = Vector128.Widen(c.AsSingle());
        return Vector128.Narrow(aLow * bLow + cLow, aHigh * bHigh + cHigh).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> DivideFloat(Vector128<uint> a, Vector128<uint> b) =>
        (a.AsSingle() / b.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> RootFloat(Vector128<uint> value) =>
        Vector128.Sqrt(value.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> FloorFloat(Vector128<uint> value) =>
        Vector128.Floor(value.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> ToFloat(Vector128<uint> value) =>
        Vector128.ConvertToSingle(value.AsInt32()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> SwapPairs(Vector128<uint> value) =>
        Vector128.Shuffle(value, Vector128.Create(2u, 3, 0, 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> SwapLanes(Vector128<uint> value) =>
        Vector128.Shuffle(value, Vector128.Create(1u, 0, 3, 2));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> First16(int count)
    {
        var end = Vector128.Create((short)Math.Clamp(count, 0, 2 * Count));
        return Vector128.LessThan(Vector128<short>.Indices, end).AsUInt16();
    }
}
