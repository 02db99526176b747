namespace OnnxActNN.Format;

/// <summary>
/// Attributes of MaskPack and of the gradients that read its bits, and what holds where one is left out.
/// </summary>
public static class MaskAttributes
{
    /// <summary>
    /// string, of MaskPack: <see cref="TestPositive"/>, <see cref="TestInside"/> or <see cref="TestNonzero"/>.
    /// </summary>
    public const string Test = "test";

    /// <summary>float, of MaskPack's test "inside": the lower bound, −∞ where left out.</summary>
    public const string Min = "min";

    /// <summary>float, of MaskPack's test "inside": the upper bound, ∞ where left out.</summary>
    public const string Max = "max";

    /// <summary>float, of ReluGradFromMask: factor where the bit is 0; 0 where left out.</summary>
    public const string Alpha = "alpha";

    /// <summary>x &gt; 0; the default for floating-point tensors.</summary>
    public const string TestPositive = "positive";

    /// <summary>min ≤ x ≤ max.</summary>
    public const string TestInside = "inside";

    /// <summary>x ≠ 0; the default, and the only test, for bool tensors.</summary>
    public const string TestNonzero = "nonzero";

    /// <summary>The value of the attribute <see cref="Test"/>.</summary>
    public static string TextOf(MaskTest test) => test switch
    {
        MaskTest.Inside => TestInside,
        MaskTest.Nonzero => TestNonzero,
        _ => TestPositive,
    };

    /// <summary>Reads the attribute <see cref="Test"/>.</summary>
    /// <exception cref="ArgumentException">The text is no test.</exception>
    public static MaskTest TestFrom(string text) => text switch
    {
        TestPositive => MaskTest.Positive,
        TestInside => MaskTest.Inside,
        TestNonzero => MaskTest.Nonzero,
        _ => throw new ArgumentException(
            $"Attribute {Test} is \"{TestPositive}\", \"{TestInside}\" or \"{TestNonzero}\", not \"{text}\"."),
    };
}
