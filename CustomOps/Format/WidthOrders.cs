namespace OnnxActNN.Format;

/// <summary>What the orders of groups have in common.</summary>
public static class WidthOrders
{
    /// <summary>Whether a range counts in units of its channel's.</summary>
    public static bool IsRelative(this WidthOrder order) =>
        order is WidthOrder.RelativeRange or WidthOrder.RelativeSample;

    /// <summary>Whether all groups of a sample have one rank.</summary>
    public static bool IsOfSamples(this WidthOrder order) => order is WidthOrder.Sample or WidthOrder.RelativeSample;
}
