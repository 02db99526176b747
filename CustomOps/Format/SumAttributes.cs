namespace OnnxActNN.Format;

/// <summary>Attributes of AddInPlace.</summary>
public static class SumAttributes
{
    /// <summary>
    /// int: the first channel of B that is added, where B has more channels than A; 0 where left out.
    /// </summary>
    public const string First = "first";
}
