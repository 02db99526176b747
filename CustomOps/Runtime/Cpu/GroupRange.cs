namespace OnnxActNN.CustomOps.Cpu;

/// <summary>What a group's values span. For zero-exact tensors Minimum is 0 and Maximum the largest magnitude.</summary>
/// <param name="Minimum">Smallest value.</param>
/// <param name="Maximum">Largest value.</param>
/// <param name="IsFinite">Whether there is neither NaN nor infinity; if not, the other two mean nothing.</param>
internal readonly record struct GroupRange(float Minimum, float Maximum, bool IsFinite)
{
    public static GroupRange NotFinite => new(0, 0, false);

    /// <summary>
    /// The range between two order keys: a float's bits with all but the sign inverted when it is negative, so that signed
    /// integers order as the floats do, with negative NaN below and positive NaN above everything.
    /// </summary>
    public static GroupRange FromKeys(int minimum, int maximum)
    {
        const int keyOfInfinity = 0x7f800000;
        if (maximum >= keyOfInfinity || minimum <= ~keyOfInfinity)
            return NotFinite;
        // Adding +0 makes −0 the same as +0, so that a group's metadata does not tell them apart.
        return new GroupRange(FromKey(minimum) + 0f, FromKey(maximum) + 0f, true);
    }

    /// <summary>The order key of a float's bits.</summary>
    public static int KeyOf(int bits) => bits ^ ((bits >> 31) & 0x7fffffff);

    private static float FromKey(int key) => BitConverter.Int32BitsToSingle(KeyOf(key));
}
