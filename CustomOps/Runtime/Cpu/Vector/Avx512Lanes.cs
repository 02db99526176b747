using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>16 lanes of AVX-512.</summary>
internal readonly unsafe struct Avx512Lanes : ILanes<Vector512<uint>>
{
    public static int Count => 16;

    public static Vector512<uint> Indices => Vector512<uint>.Indices;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Splat(uint value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Load32(void* source) => Vector512.Load((uint*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Load8(byte* source) => Avx512F.ConvertToVector512UInt32(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Load64(void* source)
    {
        var (low, high) = (Vector512.Load((double*)source), Vector512.Load((double*)source + Count / 2));
        var narrow = Vector512.Narrow(low, high);
        var isPositive = Vector512.Narrow(
            Vector512.GreaterThan(low, Vector512<double>.Zero).AsInt64(),
            Vector512.GreaterThan(high, Vector512<double>.Zero).AsInt64());
        var isLost = Vector512.Equals(narrow, Vector512<float>.Zero).AsInt32() & isPositive;
        return Vector512.ConditionalSelect(isLost.AsUInt32(), Vector512<uint>.One, narrow.AsUInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store32(Vector512<uint> value, void* target) => value.Store((uint*)target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store8(Vector512<uint> value, byte* target) =>
        Avx512F.ConvertToVector128Byte(value).Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store64(Vector512<uint> value, void* target)
    {
        var (low, high) = Vector512.Widen(value.AsSingle());
        low.Store((double*)target);
        high.Store((double*)target + Count / 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> LoadFirst32(void* source, int count) =>
        Avx512F.MaskLoad((uint*)source, First(count), Vector512<uint>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> LoadFirst8(byte* source, int count)
    {
        var bytes = Avx512BW.VL.MaskLoad(source, First8(count), Vector128<byte>.Zero);
        return Avx512F.ConvertToVector512UInt32(bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFirst32(Vector512<uint> value, void* target, int count) =>
        Avx512F.MaskStore((uint*)target, First(count), value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFirst8(Vector512<uint> value, byte* target, int count) =>
        Avx512BW.VL.MaskStore(target, First8(count), Avx512F.ConvertToVector128Byte(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> LoadFirst16(void* source, int count) =>
        Avx512BW.MaskLoad((ushort*)source, First16(count), Vector512<ushort>.Zero).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFirst16(Vector512<uint> value, void* target, int count) =>
        Avx512BW.MaskStore((ushort*)target, First16(count), value.AsUInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Narrow(Vector512<uint> low, Vector512<uint> high)
    {
        // One instruction; the conversions to 16 bits are two for each vector.
        var evens = Vector512.CreateSequence<ushort>(0, 2);
        return Avx512BW.PermuteVar32x16x2(low.AsUInt16(), evens, high.AsUInt16()).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Interleave(Vector512<uint> even, Vector512<uint> odd)
    {
        // Every other index, from 32 on, is one of the second operand.
        var indices = Vector512<uint>.Indices * 0x00020002u + Vector512.Create(0x00200000u);
        return Avx512BW.PermuteVar32x16x2(even.AsUInt16(), indices.AsUInt16(), odd.AsUInt16()).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> InterleaveUpper(Vector512<uint> even, Vector512<uint> odd)
    {
        var indices = Vector512<uint>.Indices * 0x00020002u + Vector512.Create(0x00210001u);
        return Avx512BW.PermuteVar32x16x2(even.AsUInt16(), indices.AsUInt16(), odd.AsUInt16()).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> ShiftEvenSigned(Vector512<uint> value, int bits) =>
        Avx512BW.MultiplyAddAdjacent(value.AsInt16(), Vector512.Create(1 << bits).AsInt16()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> WidenLower(Vector512<uint> value) =>
        Vector512.WidenLower(value.AsUInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> WidenUpper(Vector512<uint> value) =>
        Vector512.WidenUpper(value.AsUInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> KeepFirst16(Vector512<uint> value, int count) =>
        value & First16(count).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> And(Vector512<uint> a, Vector512<uint> b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Or(Vector512<uint> a, Vector512<uint> b) => a | b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Xor(Vector512<uint> a, Vector512<uint> b) => a ^ b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Select(Vector512<uint> mask, Vector512<uint> a, Vector512<uint> b) =>
        Vector512.ConditionalSelect(mask, a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> ShiftLeft(Vector512<uint> value, int bits) => value << bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> ShiftRight(Vector512<uint> value, int bits) => value >>> bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> ShiftRightSigned(Vector512<uint> value, int bits) =>
        (value.AsInt32() >> bits).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Add(Vector512<uint> a, Vector512<uint> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Subtract(Vector512<uint> a, Vector512<uint> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Multiply(Vector512<uint> a, Vector512<uint> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> MaxSigned(Vector512<uint> a, Vector512<uint> b) =>
        Vector512.Max(a.AsInt32(), b.AsInt32()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> MaxUnsigned(Vector512<uint> a, Vector512<uint> b) =>
        Vector512.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> MinUnsigned(Vector512<uint> a, Vector512<uint> b) =>
        Vector512.Min(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> MaxSigned16(Vector512<uint> a, Vector512<uint> b) =>
        Vector512.Max(a.AsInt16(), b.AsInt16()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> MaxUnsigned16(Vector512<uint> a, Vector512<uint> b) =>
        Vector512.Max(a.AsUInt16(), b.AsUInt16()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> MinUnsigned16(Vector512<uint> a, Vector512<uint> b) =>
        Vector512.Min(a.AsUInt16(), b.AsUInt16()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> HalveUp16(Vector512<uint> value) =>
        Avx512BW.Average(value.AsUInt16(), Vector512<ushort>.Zero).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LargestSigned(Vector512<uint> value) =>
        Avx2Lanes.LargestSigned(Avx2Lanes.MaxSigned(value.GetLower(), value.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint LargestUnsigned(Vector512<uint> value) =>
        Avx2Lanes.LargestUnsigned(Avx2Lanes.MaxUnsigned(value.GetLower(), value.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint SmallestUnsigned(Vector512<uint> value) =>
        Avx2Lanes.SmallestUnsigned(Avx2Lanes.MinUnsigned(value.GetLower(), value.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> LargestSigned16(Vector512<uint> value) =>
        Avx2Lanes.LargestSigned16(Avx2Lanes.MaxSigned16(value.GetLower(), value.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> LargestUnsigned16(Vector512<uint> value) =>
        Avx2Lanes.LargestUnsigned16(Avx2Lanes.MaxUnsigned16(value.GetLower(), value.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> SmallestUnsigned16(Vector512<uint> value) =>
        Avx2Lanes.SmallestUnsigned16(Avx2Lanes.MinUnsigned16(value.GetLower(), value.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> LessSigned(Vector512<uint> a, Vector512<uint> b) =>
        Vector512.LessThan(a.AsInt32(), b.AsInt32()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> AddFloat(Vector512<uint> a, Vector512<uint> b) =>
        (a.AsSingle() + b.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> SubtractFloat(Vector512<uint> a, Vector512<uint> b) =>
        (a.AsSingle() - b.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> MultiplyFloat(Vector512<uint> a, Vector512<uint> b) =>
        (a.AsSingle() * b.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> MultiplyAddExact(Vector512<uint> a, Vector512<uint> b, Vector512<uint> c) =>
        Vector512.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> MultiplyAdd(Vector512<uint> a, Vector512<uint> b, Vector512<uint> c) =>
        Vector512.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> DivideFloat(Vector512<uint> a, Vector512<uint> b) =>
        (a.AsSingle() / b.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> RootFloat(Vector512<uint> value) =>
        Vector512.Sqrt(value.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> FloorFloat(Vector512<uint> value) =>
        Vector512.Floor(value.AsSingle()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> ToFloat(Vector512<uint> value) =>
        Vector512.ConvertToSingle(value.AsInt32()).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> First(int count) =>
        Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> First8(int count)
    {
        var lanes = Vector128.Create((sbyte)Math.Clamp(count, 0, Count));
        return Vector128.LessThan(Vector128<sbyte>.Indices, lanes).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ushort> First16(int count)
    {
        var end = Vector512.Create((short)Math.Clamp(count, 0, 2 * Count));
        return Vector512.LessThan(Vector512<short>.Indices, end).AsUInt16();
    }
}
