namespace OnnxActNN.Format;

/// <summary>
/// Attributes of the operators that work on a <see cref="BatchSlice"/>; without them, on all samples.
/// </summary>
public static class SliceAttributes
{
    /// <summary>int: which slice, from 0 on.</summary>
    public const string Index = "slice_index";

    /// <summary>int: how many slices there are.</summary>
    public const string Count = "slice_count";
}
