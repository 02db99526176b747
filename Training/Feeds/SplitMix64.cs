namespace OnnxActNN.Training.Feeds;

/// <summary>
/// Random bits by counter: the same key and index give the same bits, in any order. (Steele, Lea and Flood, 2014.)
/// </summary>
internal static class SplitMix64
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    public static ulong At(ulong key, ulong index) => Mix(key + (index + 1) * Golden);

    public static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public static double Uniform(ulong key, ulong index) => (At(key, index) >> 11) * (1.0 / (1UL << 53));
}
