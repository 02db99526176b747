using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Mixed;

/// <summary>
/// What groups are ranked by: a number of 11 bits, the larger the wider the code (<see cref="WidthOrder"/>).
/// </summary>
internal static unsafe class GroupKeys
{
    /// <summary>As many as there are keys.</summary>
    public const int Count = 1 << 11;

    /// <summary>Leaves exponent and first three bits of a range.</summary>
    private const int RangeShift = 20;

    /// <summary>Leaves exponent and first six bits of a score; exponents from −16 to 15 are told apart.</summary>
    private const int ScoreShift = 17;

    private const int LeastScore = (127 - 16) << (23 - ScoreShift);

    /// <summary>Writes the key of each group.</summary>
    /// <param name="ranges">The range of each group.</param>
    /// <param name="layout">Where the groups lie, and their order.</param>
    /// <param name="keys">Takes the keys.</param>
    public static void Find(GroupRange* ranges, PackedLayout layout, ushort* keys)
    {
        var order = layout.Format.Order;
        if (order == WidthOrder.Range)
        {
            for (long group = 0; group < layout.GroupCount; group++) keys[group] = OfRange(ranges[group]);
            return;
        }
        var scores = new GroupScores(ranges, layout);
        if (!order.IsOfSamples())
        {
            for (long group = 0; group < layout.GroupCount; group++) keys[group] = OfScore(scores.Of(group));
            return;
        }
        var samples = Array.ConvertAll(scores.OfSamples(), OfScore);
        for (long group = 0; group < layout.GroupCount; group++)
            keys[group] = samples[layout.SampleOf(layout.Group(group))];
    }

    /// <summary>Groups with NaN or infinity decode to NaN in any width, so they come last.</summary>
    private static ushort OfRange(in GroupRange range) =>
        (ushort)(range.IsFinite ? BitConverter.SingleToUInt32Bits(range.Maximum - range.Minimum) >> RangeShift : 0);

    private static ushort OfScore(double score) =>
        (ushort)Math.Clamp((BitConverter.SingleToInt32Bits((float)score) >> ScoreShift) - LeastScore, 0, Count - 1);
}
