using System.Runtime.CompilerServices;

namespace OnnxActNN.Format;

/// <summary>
/// The counter-based random numbers: a pure function of (seed, tensor id, run, element index), so the decoder draws
/// again what the encoder drew, in any order and on any device. Only 32- and 64-bit integer operations that wrap.
/// </summary>
/// <remarks>
/// A 64-bit key is made from seed, tensor id and run, from it a 64-bit key for each group (by the index of the group's
/// first element). Word c of a group is a hash of c and both halves of the group's key by two multiplications, the
/// second half entering between them. The first multiplication acts on consecutive numbers alone, so that vectors of
/// counters replace it by an addition; its factor is the golden ratio's, whose multiples spread most evenly. The second
/// factor and the shifts are of C. Wellons, "Prospecting for hash functions", 2018. One word serves two neighbours, 16
/// bits each, and one counter two pairs of them: for the second pair the last multiplication has another factor, also
/// his, and the pairs of products modulo 2^32 lie on a lattice without short vectors.
/// </remarks>
public static class CounterRandom
{
    internal const uint FirstFactor = 0x9e3779b9;
    internal const uint SecondFactor = 0x846ca68b;
    internal const uint OtherFactor = 0x7feb352d;
    private const ulong Golden = 0x9e3779b97f4a7c15;

    /// <summary>The key of one packed tensor in one run.</summary>
    public static ulong TensorKey(in PackKey key)
    {
        var mixed = Mix((ulong)key.Seed + Golden);
        mixed = Mix((mixed ^ (ulong)key.TensorId) + Golden);
        return Mix((mixed ^ (ulong)key.Run) + Golden);
    }

    /// <summary>The key of the group whose first element has this index.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong GroupKey(ulong tensorKey, long start) => Mix(tensorKey + (ulong)start * Golden);

    /// <summary>Word <paramref name="counter"/> of a group: 32 random bits.</summary>
    public static uint Word(ulong groupKey, uint counter) => Word(groupKey, counter, SecondFactor);

    /// <summary>Another 32 random bits of the same counter.</summary>
    internal static uint OtherWord(ulong groupKey, uint counter) => Word(groupKey, counter, OtherFactor);

    /// <summary>Counters that a column's pairs have.</summary>
    internal static int CountersPerColumn(int slots) => (slots + 2) / 4;

    /// <summary>
    /// The 16 random bits of an element. Pairs t and t + 1 of column c, t even, have the words of the counter
    /// c · <see cref="CountersPerColumn"/> + t / 2, the second pair the other word: the even slot the low half, the odd
    /// slot the high half.
    /// </summary>
    /// <param name="groupKey">From <see cref="GroupKey"/>.</param>
    /// <param name="slot">The element's slot.</param>
    /// <param name="column">The element's column.</param>
    /// <param name="slots">Slots of a column.</param>
    public static uint Bits16(ulong groupKey, int slot, long column, int slots)
    {
        var pair = slot / 2;
        var counter = (uint)(column * CountersPerColumn(slots) + pair / 2);
        var word = (pair & 1) == 0 ? Word(groupKey, counter) : OtherWord(groupKey, counter);
        return (slot & 1) == 0 ? word & 0xffff : word >> 16;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Word(ulong groupKey, uint counter, uint lastFactor)
    {
        var x = counter * FirstFactor + (uint)groupKey;
        x = (x ^ (x >> 15)) + (uint)(groupKey >> 32);
        x *= lastFactor;
        return x ^ (x >> 16);
    }

    /// <summary>A 64-bit finalizer: D. Stafford's variant 13 of MurmurHash3's, as in SplitMix64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }
}
