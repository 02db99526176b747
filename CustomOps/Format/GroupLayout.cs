namespace OnnxActNN.Format;

/// <summary>How a tensor is cut into groups. The values stand in the header.</summary>
public enum GroupLayout : byte
{
    /// <summary>
    /// Groups keep to a row, the product of the axes from the group axis on: ceil(row / G) groups, the first
    /// (row mod groups) of them one element longer. A row shorter than <see cref="PackedLayout.ShortestRow"/> takes in
    /// the axis to its left.
    /// </summary>
    Row = 0,

    /// <summary>
    /// ActNN's groups: each sample (all axes but the first) is cut into groups of exactly G elements and a shorter last
    /// one.
    /// </summary>
    Flat = 1,
}
