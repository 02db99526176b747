using CsCheck;

namespace OnnxActNN.Testing;

/// <summary>Ways to damage a file: what a bad disk, a cut transfer, or somebody with intent would do.</summary>
internal static class Mutation
{
    /// <summary>
    /// One to four damages, one after the other; <paramref name="other"/> is where splices come from.
    /// </summary>
    public static Gen<byte[]> Of(byte[] file, byte[] other) =>
        Gen.OneOf(Flip, Truncate, Remove, Splice(other), ChangeField, ChangeLength, LongNumber).Array[1, 4]
            .Select(damages => damages.Aggregate(file, (bytes, damage) => bytes.Length == 0 ? bytes : damage(bytes)));

    private static Gen<Func<byte[], byte[]>> Flip { get; } =
        Gen.Select(Gen.UInt, Gen.Byte[1, 255]).Array[1, 8].Select(flips => Damage(bytes =>
        {
            foreach (var (at, mask) in flips) bytes[at % bytes.Length] ^= mask;
            return bytes;
        }));

    private static Gen<Func<byte[], byte[]>> Truncate { get; } =
        Gen.UInt.Select(at => Damage(bytes => bytes[..(int)(at % bytes.Length)]));

    private static Gen<Func<byte[], byte[]>> Remove { get; } =
        Gen.Select(Gen.UInt, Gen.Int[1, 64]).Select((at, count) => Damage(bytes =>
        {
            var start = (int)(at % bytes.Length);
            return [.. bytes[..start], .. bytes[Math.Min(start + count, bytes.Length)..]];
        }));

    /// <summary>Another field number under the same wire type: 8 is one field further.</summary>
    private static Gen<Func<byte[], byte[]>> ChangeField { get; } =
        Gen.Select(Gen.UInt, Gen.Int[1, 15]).Select((at, fields) => Damage(bytes =>
        {
            bytes[at % bytes.Length] += (byte)(8 * fields);
            return bytes;
        }));

    /// <summary>A byte up or down by little: lengths and counts that no longer fit.</summary>
    private static Gen<Func<byte[], byte[]>> ChangeLength { get; } =
        Gen.Select(Gen.UInt, Gen.Int[-3, 3]).Select((at, difference) => Damage(bytes =>
        {
            bytes[at % bytes.Length] = (byte)(bytes[at % bytes.Length] + difference);
            return bytes;
        }));

    /// <summary>Ten bytes that read as one number of 64 bits, as a size, length or count may stand there.</summary>
    private static Gen<Func<byte[], byte[]>> LongNumber { get; } =
        Gen.Select(Gen.UInt, Gen.Byte[0, 1]).Select((at, top) => Damage(bytes =>
        {
            var start = (int)(at % bytes.Length);
            return [.. bytes[..start], .. Enumerable.Repeat((byte)0xff, 9), top, .. bytes[start..]];
        }));

    private static Gen<Func<byte[], byte[]>> Splice(byte[] other) =>
        Gen.Select(Gen.UInt, Gen.UInt, Gen.Int[1, 2000]).Select((at, from, count) => Damage(bytes =>
        {
            var place = (int)(at % bytes.Length);
            var start = (int)(from % other.Length);
            return [.. bytes[..place], .. other[start..Math.Min(start + count, other.Length)], .. bytes[place..]];
        }));

    private static Func<byte[], byte[]> Damage(Func<byte[], byte[]> damage) => bytes => damage([.. bytes]);
}
