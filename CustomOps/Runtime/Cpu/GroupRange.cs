using System.Runtime.CompilerServices;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>
/// What a group's values span. For tensors whose step alone is stored Minimum is 0 and Maximum the largest magnitude.
/// </summary>
/// <param name="Minimum">Smallest value; NaN where there is NaN or infinity.</param>
/// <param name="Maximum">Largest value; NaN where there is NaN or infinity.</param>
internal readonly record struct GroupRange(float Minimum, float Maximum)
{
    /// <summary>Of a group with NaN or infinity.</summary>
    public static GroupRange NotFinite => new(float.NaN, float.NaN);

    /// <summary>Whether there is neither NaN nor infinity.</summary>
    public bool IsFinite
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => !float.IsNaN(Maximum);
    }

    /// <summary>
    /// The range of float32 numbers from three extremes of their bits, read as integers. Signed or unsigned, integers
    /// order floats above 0 as the floats do, and those below 0 the other way round and, unsigned, above all others.
    /// </summary>
    /// <param name="largestSigned">The largest, as signed: the maximum, unless all are below 0.</param>
    /// <param name="largest">The largest, as unsigned: the minimum, unless none is below 0.</param>
    /// <param name="smallest">The smallest, as unsigned: what is then left, the number nearest to 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GroupRange FromBits(int largestSigned, uint largest, uint smallest)
    {
        var minimum = (int)largest < 0 ? (int)largest : (int)smallest;
        var maximum = largestSigned < 0 ? (int)smallest : largestSigned;
        return Create(minimum, maximum);
    }

    /// <summary>The range from 0 on, from its largest magnitude's bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GroupRange FromMagnitude(uint largest) => Create(0, (int)largest);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static GroupRange Create(int minimum, int maximum)
    {
        // An exponent of all ones is NaN or infinity.
        const int infinity = 0x7f800000;
        if ((minimum & int.MaxValue) >= infinity || (maximum & int.MaxValue) >= infinity)
            return NotFinite;
        // Adding +0 makes −0 the same as +0, so that a group's metadata does not tell them apart.
        return new GroupRange(
            BitConverter.Int32BitsToSingle(minimum) + 0f, BitConverter.Int32BitsToSingle(maximum) + 0f);
    }
}
