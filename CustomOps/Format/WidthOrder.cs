namespace OnnxActNN.Format;

/// <summary>What groups are ranked by where they have widths of their own: the first get the widest codes.</summary>
public enum WidthOrder : byte
{
    /// <summary>Their range: for readers to which an error counts by its size.</summary>
    Range,

    /// <summary>
    /// Their squared range over the mean of their channel's: for readers that divide by each channel's deviation.
    /// </summary>
    RelativeRange,

    /// <summary>Their sample, and samples by the sum of elements · range².</summary>
    Sample,

    /// <summary>
    /// Their sample, and samples by the sum of elements · range² over the mean of the group's channel.
    /// </summary>
    RelativeSample,
}
