namespace OnnxActNN.CustomOps.Cpu.Profiling;

/// <summary>What was measured of one group.</summary>
internal readonly record struct MeasuredGroup(GroupRange Range, GroupMoments Moments)
{
    /// <summary>A group of which nothing but the sum of its squares was measured.</summary>
    public static MeasuredGroup OfSquares(double squares) =>
        new(double.IsFinite(squares) ? new GroupRange(0, 0) : GroupRange.NotFinite, new GroupMoments(0, 0, squares));
}
