namespace OnnxActNN.Format;

/// <summary>
/// The counter-based random numbers: a pure function of (seed, tensor id, run, element index), so the decoder draws again
/// what the encoder drew, in any order and on any device. Only 32- and 64-bit integer operations that wrap.
/// </summary>
/// <remarks>
/// A 64-bit key is made from seed, tensor id and run, from it a 64-bit key for each group (by the index of the group's first
/// element). Word c of a group mixes c with both halves of the group's key by the two-multiplication integer hash with the
/// constants of lowest measured bias (C. Wellons, "Prospecting for hash functions", 2018), the second half entering between
/// the multiplications. One word serves two elements, 16 bits each.
/// </remarks>
public static class CounterRandom
{
    internal const uint FirstFactor = 0x7feb352d;
    internal const uint SecondFactor = 0x846ca68b;
    private const ulong Golden = 0x9e3779b97f4a7c15;

    /// <summary>The key of one packed tensor in one run.</summary>
    public static ulong TensorKey(in PackKey key)
    {
        var mixed = Mix((ulong)key.Seed + Golden);
        mixed = Mix((mixed ^ (ulong)key.TensorId) + Golden);
        return Mix((mixed ^ (ulong)key.Run) + Golden);
    }

    /// <summary>The key of the group whose first element has this index.</summary>
    public static ulong GroupKey(ulong tensorKey, long start) => Mix(tensorKey + (ulong)start * Golden);

    /// <summary>Word <paramref name="counter"/> of a group: 32 random bits.</summary>
    public static uint Word(ulong groupKey, uint counter)
    {
        var x = counter + (uint)groupKey;
        x = (x ^ (x >> 16)) * FirstFactor;
        x = (x ^ (x >> 15)) + (uint)(groupKey >> 32);
        x *= SecondFactor;
        return x ^ (x >> 16);
    }

    /// <summary>
    /// The 16 random bits of an element. Slots 2t and 2t + 1 of a column share the word whose counter is the index within
    /// the group of the element in slot 2t: the even slot has its low half, the odd slot its high half.
    /// </summary>
    /// <param name="groupKey">From <see cref="GroupKey"/>.</param>
    /// <param name="slot">The element's slot.</param>
    /// <param name="column">The element's column.</param>
    /// <param name="columns">Columns of the group.</param>
    public static uint Bits16(ulong groupKey, int slot, long column, long columns)
    {
        var word = Word(groupKey, (uint)((slot & ~1) * columns + column));
        return (slot & 1) == 0 ? word & 0xffff : word >> 16;
    }

    /// <summary>A 64-bit finalizer: D. Stafford's variant 13 of MurmurHash3's, as in SplitMix64.</summary>
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }
}
