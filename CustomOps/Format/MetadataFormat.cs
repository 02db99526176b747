namespace OnnxActNN.Format;

/// <summary>How a group's minimum and step are stored. The values stand in the header.</summary>
public enum MetadataFormat : byte
{
    /// <summary>
    /// Minimum as bfloat16 rounded down, step as bfloat16 rounded up; zero-exact tensors store the step alone.
    /// </summary>
    BFloat16 = 0,

    /// <summary>
    /// Step as one byte, 5 exponent and 3 mantissa bits rounded up, over an exponent that stands once for
    /// <see cref="PackedLayout.GroupsPerBlock"/> groups; minimum as a signed byte k: k · step · 2^(code bits − 6).
    /// </summary>
    EightBits = 1,
}
