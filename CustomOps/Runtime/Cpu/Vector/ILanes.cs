using System.Runtime.Intrinsics;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>
/// The operations of one vector width that the kernels are made of: <see cref="Count"/> lanes of 32 bits, read as
/// unsigned or signed integers, pairs of 16-bit integers, or floats, as the operation's name says. Every operation
/// gives the same bits on every width: integers wrap, floats are IEEE, and nothing is fused but where that is all the
/// same.
/// </summary>
internal unsafe interface ILanes<TVector>
    where TVector : struct
{
    /// <summary>Lanes of a vector.</summary>
    public static abstract int Count { get; }

    /// <summary>0, 1, 2, ...</summary>
    public static abstract TVector Indices { get; }

    public static abstract TVector Splat(uint value);

    public static abstract TVector Load32(void* source);

    /// <summary>Loads <see cref="Count"/> bytes, zero-extended.</summary>
    public static abstract TVector Load8(byte* source);

    /// <summary>
    /// Loads <see cref="Count"/> float64 as floats; those that round to 0 but are above it become the smallest.
    /// </summary>
    public static abstract TVector Load64(void* source);

    public static abstract void Store32(TVector value, void* target);

    /// <summary>Stores the low 8 bits of each lane.</summary>
    public static abstract void Store8(TVector value, byte* target);

    /// <summary>Stores floats as float64.</summary>
    public static abstract void Store64(TVector value, void* target);

    /// <summary>
    /// Loads the first <paramref name="count"/> lanes; none when it is below 1, all from Count on. The others are 0.
    /// </summary>
    public static abstract TVector LoadFirst32(void* source, int count);

    /// <summary><see cref="LoadFirst32"/> of 16-bit numbers, two in a lane.</summary>
    public static abstract TVector LoadFirst16(void* source, int count);

    /// <summary><see cref="LoadFirst32"/> of bytes.</summary>
    public static abstract TVector LoadFirst8(byte* source, int count);

    /// <summary>Stores the first <paramref name="count"/> lanes; none when it is below 1, all from Count on.</summary>
    public static abstract void StoreFirst32(TVector value, void* target, int count);

    /// <summary><see cref="StoreFirst32"/> of 16-bit numbers, two in a lane.</summary>
    public static abstract void StoreFirst16(TVector value, void* target, int count);

    /// <summary><see cref="StoreFirst32"/> of the low 8 bits.</summary>
    public static abstract void StoreFirst8(TVector value, byte* target, int count);

    /// <summary>The low 16 bits of each lane of both vectors, in order, two in a lane.</summary>
    public static abstract TVector Narrow(TVector low, TVector high);

    /// <summary>
    /// The low 16 bits of each lane: of <paramref name="even"/> in the low half, of odd in the high half.
    /// </summary>
    public static abstract TVector Interleave(TVector even, TVector odd);

    /// <summary><see cref="Interleave"/> of the high 16 bits.</summary>
    public static abstract TVector InterleaveUpper(TVector even, TVector odd);

    /// <summary>The low 16 bits of each lane as a signed number, shifted left by up to 14 bits.</summary>
    public static abstract TVector ShiftEvenSigned(TVector value, int bits);

    /// <summary>The first half of the 16-bit numbers, one in a lane.</summary>
    public static abstract TVector WidenLower(TVector value);

    /// <summary>The second half of the 16-bit numbers, one in a lane.</summary>
    public static abstract TVector WidenUpper(TVector value);

    /// <summary>The first <paramref name="count"/> 16-bit numbers, none when it is below 1; the others 0.</summary>
    public static abstract TVector KeepFirst16(TVector value, int count);

    public static abstract TVector And(TVector a, TVector b);

    public static abstract TVector Or(TVector a, TVector b);

    public static abstract TVector Xor(TVector a, TVector b);

    /// <summary>Each bit of a where the mask has a 1, of b where it has a 0.</summary>
    public static abstract TVector Select(TVector mask, TVector a, TVector b);

    public static abstract TVector ShiftLeft(TVector value, int bits);

    public static abstract TVector ShiftRight(TVector value, int bits);

    /// <summary>Shifts signed lanes.</summary>
    public static abstract TVector ShiftRightSigned(TVector value, int bits);

    public static abstract TVector Add(TVector a, TVector b);

    public static abstract TVector Subtract(TVector a, TVector b);

    public static abstract TVector Multiply(TVector a, TVector b);

    public static abstract TVector MaxSigned(TVector a, TVector b);

    public static abstract TVector MaxUnsigned(TVector a, TVector b);

    public static abstract TVector MinUnsigned(TVector a, TVector b);

    public static abstract TVector MaxSigned16(TVector a, TVector b);

    public static abstract TVector MaxUnsigned16(TVector a, TVector b);

    public static abstract TVector MinUnsigned16(TVector a, TVector b);

    /// <summary>Halves of the 16-bit numbers, as unsigned, rounded up.</summary>
    public static abstract TVector HalveUp16(TVector value);

    /// <summary>The largest lane.</summary>
    public static abstract int LargestSigned(TVector value);

    /// <inheritdoc cref="LargestSigned"/>
    public static abstract uint LargestUnsigned(TVector value);

    /// <summary>The smallest lane.</summary>
    public static abstract uint SmallestUnsigned(TVector value);

    /// <summary>The largest of the 16-bit numbers at each eighth place.</summary>
    public static abstract Vector128<uint> LargestSigned16(TVector value);

    /// <inheritdoc cref="LargestSigned16"/>
    public static abstract Vector128<uint> LargestUnsigned16(TVector value);

    /// <summary>The smallest of the 16-bit numbers at each eighth place.</summary>
    public static abstract Vector128<uint> SmallestUnsigned16(TVector value);

    /// <summary>All ones where a &lt; b as signed integers.</summary>
    public static abstract TVector LessSigned(TVector a, TVector b);

    public static abstract TVector AddFloat(TVector a, TVector b);

    public static abstract TVector SubtractFloat(TVector a, TVector b);

    public static abstract TVector MultiplyFloat(TVector a, TVector b);

    /// <summary>a · b + c for products a · b that are floats: there is one rounding, however it is computed.</summary>
    public static abstract TVector MultiplyAddExact(TVector a, TVector b, TVector c);

    /// <summary>
    /// a · b + c with one rounding, for sums that a float64 holds; others may have two where there is no instruction.
    /// </summary>
    public static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    public static abstract TVector DivideFloat(TVector a, TVector b);

    /// <summary>Square roots, rounded to nearest.</summary>
    public static abstract TVector RootFloat(TVector value);

    /// <summary>Rounds down to integers.</summary>
    public static abstract TVector FloorFloat(TVector value);

    /// <summary>Signed integers to floats; exact below 2^24.</summary>
    public static abstract TVector ToFloat(TVector value);
}
