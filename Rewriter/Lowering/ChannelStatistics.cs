using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>Statistics per channel of tensors [batch, channels, spatial...].</summary>
internal static class ChannelStatistics
{
    /// <summary>All axes but the channels'.</summary>
    public static IEnumerable<long> OtherAxes(int rank) => Axes(0, 1).Concat(Axes(2, rank));

    /// <summary>A vector with an element per channel, in the form that broadcasts: [channels, 1, ...].</summary>
    public static Term Broadcastable(Term statistic, int rank) =>
        rank == 2 ? statistic : Reshape(statistic, [-1, .. Enumerable.Repeat(1L, rank - 2)]);
}
