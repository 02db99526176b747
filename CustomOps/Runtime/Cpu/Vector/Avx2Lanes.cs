using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>8 lanes of AVX2.</summary>
internal readonly unsafe struct Avx2Lanes : ILanes<Vector256<uint>>
{
    public static int Count => 8;

    public static Vector256<uint> Indices => Vector256<uint>.Indices;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Splat(uint value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Load32(void* source) => Vector256.Load((uint*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Load8(byte* source) => Avx2.ConvertToVector256Int32(source).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Load64(void* source)
    {
        var (low, high) = (Vector256.Load((double*)source), Vector256.Load((double*)source + Count / 2));
        var narrow = Vector256.Narrow(low, high);
        var isPositive = Vector256.Narrow(
            Vector256.GreaterThan(low, Vector256<double>.Zero).AsInt64(),
            Vector256.GreaterThan(high, Vector256<double>.Zero).AsInt64());
        var isLost = Vector256.Equals(narrow, Vector256<float>.Zero).AsInt32() & isPositive;
        return Vector256.ConditionalSelect(isLost.AsUInt32(), Vector256<uint>.One, narrow.AsUInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store32(Vector256<uint> value, void* target) => value.Store((uint*)target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store8(Vector256<uint> value, byte* target)
    {
        var words = Narrow16(value & Vector256.Create(0xffu)).AsInt16();
        Unsafe.WriteUnaligned(target, Sse2.PackUnsignedSaturate(words, words).AsUInt64().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store64(Vector256<uint> value, void* target)
    {
        var (low, high) = Vector256.Widen(value.AsSingle());
        low.Store((double*)target);
        high.Store((double*)target + Count / 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> LoadFirst32(void* source, int count) =>
        Avx2.MaskLoad((uint*)source, First(count));

    [SkipLocalsInit]
    public static Vector256<uint> LoadFirst8(byte* source, int count)
    {
        var buffer = stackalloc byte[Count];
        PartialCopy.Load(source, buffer, count, Count);
        return Load8(buffer);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFirst32(Vector256<uint> value, void* target, int count) =>
        Avx2.MaskStore((uint*)target, First(count), value);

    [SkipLocalsInit]
    public static void StoreFirst8(Vector256<uint> value, byte* target, int count)
    {
        var buffer = stackalloc byte[Count];
        Store8(value, buffer);
        PartialCopy.Store(buffer, target, count, Count);
    }

    [SkipLocalsInit]
    public static Vector256<uint> LoadFirst16(void* source, int count)
    {
        var buffer = stackalloc byte[Count * 4];
        PartialCopy.Load(source, buffer, Math.Min(count, 2 * Count) * 2, Count * 4);
        return Load32(buffer);
    }

    [SkipLocalsInit]
    public static void StoreFirst16(Vector256<uint> value, void* target, int count)
    {
        var buffer = stackalloc byte[Count * 4];
        Store32(value, buffer);
        PartialCopy.Store(buffer, target, Math.Min(count, 2 * Count) * 2, Count * 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Narrow(Vector256<uint> low, Vector256<uint> high) =>
        Vector256.Narrow(low, high).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Interleave(Vector256<uint> even, Vector256<uint> odd) =>
        Vector256.ConditionalSelect(Vector256.Create(0xffffu), even, odd << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> InterleaveUpper(Vector256<uint> even, Vector256<uint> odd) =>
        Vector256.ConditionalSelect(Vector256.Create(0xffffu), even >>> 16, odd);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> ShiftEvenSigned(Vector256<uint> value, int bits) =>
        Avx2.MultiplyAddAdjacent(value.AsInt16(), Vector256.Create(1 << bits).AsInt16()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> WidenLower(Vector256<uint> value) =>
        Vector256.WidenLower(value.AsUInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> WidenUpper(Vector256<uint> value) =>
        Vector256.WidenUpper(value.AsUInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> KeepFirst16(Vector256<uint> value, int count) =>
        value & First16(count).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> And(Vector256<uint> a, Vector256<uint> b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Or(Vector256<uint> a, Vector256<uint> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Xor(Vector256<uint> a, Vector256<uint> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Select(Vector256<uint> mask, Vector256<uint> a, Vector256<uint> b) =>
        Vector256.ConditionalSelect(mask, a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> ShiftLeft(Vector256<uint> value, int bits) => value << bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> ShiftRight(Vector256<uint> value, int bits) => value >>> bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> ShiftRightSigned(Vector256<uint> value, int bits) =>
        (value.AsInt32() >> bits).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Add(Vector256<uint> a, Vector256<uint> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Subtract(Vector256<uint> a, Vector256<uint> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Multiply(Vector256<uint> a, Vector256<uint> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> MaxSigned(Vector256<uint> a, Vector256<uint> b) =>
        Vector256.Max(a.AsInt32(), b.AsInt32()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> MaxUnsigned(Vector256<uint> a, Vector256<uint> b) =>
        Vector256.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> MinUnsigned(Vector256<uint> a, Vector256<uint> b) =>
        Vector256.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> MaxSigned16(Vector256<uint> a, Vector256<uint> b) =>
        Vector256.Max(a.AsInt16(), b.AsInt16()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> MaxUnsigned16(Vector256<uint> a, Vector256<uint> b) =>
        Vector256.Max(a.AsUInt16(), b.AsUInt16()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> MinUnsigned16(Vector256<uint> a, Vector256<uint> b) =>
        Vector256.Min(a.AsUInt16(), b.AsUInt16()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> HalveUp16(Vector256<uint> value) =>
        Avx2.Average(value.AsUInt16(), Vector256<ushort>.Zero).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LargestSigned(Vector256<uint> value) =>
        Vector128Lanes.LargestSigned(Vector128Lanes.MaxSigned(value.GetLower(), value.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint LargestUnsigned(Vector256<uint> value) =>
        Vector128Lanes.LargestUnsigned(Vector128Lanes.MaxUnsigned(value.GetLower(), value.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint SmallestUnsigned(Vector256<uint> value) =>
        Vector128Lanes.SmallestUnsigned(Vector128Lanes.MinUnsigned(value.GetLower(), value.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> LargestSigned16(Vector256<uint> value) =>
        Vector128Lanes.MaxSigned16(value.GetLower(), value.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> LargestUnsigned16(Vector256<uint> value) =>
        Vector128Lanes.MaxUnsigned16(value.GetLower(), value.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> SmallestUnsigned16(Vector256<uint> value) =>
        Vector128Lanes.MinUnsigned16(value.GetLower(), value.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> LessSigned(Vector256<uint> a, Vector256<uint> b) =>
        Vector256.LessThan(a.AsInt32(), b.AsInt32()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> AddFloat(Vector256<uint> a, Vector256<uint> b) =>
        (a.AsSingle() + b.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> SubtractFloat(Vector256<uint> a, Vector256<uint> b) =>
        (a.AsSingle() - b.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> MultiplyFloat(Vector256<uint> a, Vector256<uint> b) =>
        (a.AsSingle() * b.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> MultiplyAddExact(Vector256<uint> a, Vector256<uint> b, Vector256<uint> c) =>
        Vector256.MultiplyAddEstimate(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> MultiplyAdd(Vector256<uint> a, Vector256<uint> b, Vector256<uint> c) =>
        Vector256.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> DivideFloat(Vector256<uint> a, Vector256<uint> b) =>
        (a.AsSingle() / b.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> RootFloat(Vector256<uint> value) =>
        Vector256.Sqrt(value.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> FloorFloat(Vector256<uint> value) =>
        Vector256.Floor(value.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> ToFloat(Vector256<uint> value) =>
        Vector256.ConvertToSingle(value.AsInt32()).AsUInt32();

    /// <summary>The low 16 bits of each lane, in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Narrow16(Vector256<uint> value) =>
        Vector128.Narrow(value.GetLower(), value.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> First(int count) =>
        Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count)).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ushort> First16(int count)
    {
        var end = Vector256.Create((short)Math.Clamp(count, 0, 2 * Count));
        return Vector256.LessThan(Vector256<short>.Indices, end).AsUInt16();
    }
}
