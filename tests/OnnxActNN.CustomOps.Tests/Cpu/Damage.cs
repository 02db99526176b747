using CsCheck;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>
/// What can happen to a packed buffer: random bytes in the place of all, or of all behind the header; some bytes
/// changed, half of them in the header; a cut anywhere, or some bytes more or less at the end.
/// </summary>
internal sealed record Damage(Damage.Noise Noisy, int Seed, (int Position, byte Value)[] Bytes, int Longer)
{
    /// <summary>Bytes of most headers.</summary>
    private const int HeaderBytes = 64;

    private const int LeastLonger = -6;

    /// <summary>Which bytes are random.</summary>
    internal enum Noise
    {
        None,
        BehindTheHeader,
        Everywhere,
    }

    public static Gen<Damage> Any { get; } = Gen.Select(
        Gen.Frequency((6, Gen.Const(Noise.None)), (3, Gen.Const(Noise.BehindTheHeader)),
            (1, Gen.Const(Noise.Everywhere))),
        Gen.Int[0, int.MaxValue],
        // Small values too, because many fields of a header know few.
        Gen.Select(
            Gen.Int[0, int.MaxValue], Gen.Byte, Gen.Bool,
            (at, value, isSmall) => (at, isSmall ? (byte)(value % 5) : value)).Array[0, 3],
        Gen.Int[LeastLonger, 12],
        (noise, seed, bytes, longer) => new Damage(noise, seed, bytes, longer));

    /// <summary>A damaged copy.</summary>
    public byte[] Of(byte[] packed)
    {
        var damaged = (byte[])packed.Clone();
        var header = Math.Min(HeaderBytes, damaged.Length);
        var random = new Random(Seed);
        if (Noisy != Noise.None)
            random.NextBytes(damaged.AsSpan(Noisy == Noise.Everywhere ? 0 : header));
        foreach (var (position, value) in Bytes)
            damaged[position / 2 % (position % 2 == 0 ? header : damaged.Length)] = value;
        var length = Longer switch
        {
            LeastLonger => random.Next(damaged.Length),
            < 3 => damaged.Length + Longer,
            _ => damaged.Length,
        };
        Array.Resize(ref damaged, Math.Max(0, length));
        return damaged;
    }
}
