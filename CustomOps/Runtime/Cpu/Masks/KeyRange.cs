using System.Numerics;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Masks;

/// <summary>
/// A mask's test as a range of keys. The key of a floating-point element are its bits as a signed integer, those of
/// negative ones with all but the sign flipped: keys are ordered as the values are, with −0 right below 0 and NaN at
/// both ends. So one integer kernel does every test on every type, and a session that takes subnormal numbers for 0
/// changes nothing.
/// </summary>
/// <param name="Low">Least key that passes.</param>
/// <param name="High">Largest key that passes.</param>
/// <param name="IsInverted">What lies outside passes instead.</param>
internal readonly record struct KeyRange(long Low, long High, bool IsInverted = false)
{
    private static readonly KeyRange Nothing = new(1, 0);

    /// <summary>The test on bytes of a bool tensor.</summary>
    public static KeyRange Bool { get; } = new(0, 0, IsInverted: true);

    /// <summary>The range of a test on a floating-point type.</summary>
    /// <param name="type">Element type.</param>
    /// <param name="test">The test.</param>
    /// <param name="min">Lower bound of <see cref="MaskTest.Inside"/>.</param>
    /// <param name="max">Upper bound of <see cref="MaskTest.Inside"/>.</param>
    /// <exception cref="ArgumentException">A bound is no value of the type.</exception>
    public static KeyRange Of(ElementType type, MaskTest test, float min, float max) => test switch
    {
        MaskTest.Positive => new KeyRange(1, KeyOf(type, float.PositiveInfinity)),
        MaskTest.Nonzero => new KeyRange(-1, 0, IsInverted: true),
        _ when float.IsNaN(min) || float.IsNaN(max) => Nothing,
        _ => new KeyRange(min == 0 ? -1 : KeyOf(type, min), max == 0 ? 0 : KeyOf(type, max)),
    };

    /// <summary>The key of an element's bits.</summary>
    public static T Key<T>(T bits)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> => T.IsNegative(bits) ? bits ^ T.MaxValue : bits;

    private static long KeyOf(ElementType type, float value)
    {
        var (bits, back) = type switch
        {
            ElementType.Float32 => (Key(BitConverter.SingleToInt32Bits(value)), value),
            ElementType.Float64 => (Key(BitConverter.DoubleToInt64Bits(value)), value),
            ElementType.Float16 => (Key(BitConverter.HalfToInt16Bits((Half)value)), (float)(Half)value),
            ElementType.BFloat16 => (Key((short)(BitConverter.SingleToInt32Bits(value) >> 16)), Truncated(value)),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Only floating-point tensors have bounds."),
        };
        return back == value ? bits : throw new ArgumentException($"The bound {value} is no {type} value.");
    }

    private static float Truncated(float value) =>
        BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(value) & unchecked((int)0xffff0000));
}
