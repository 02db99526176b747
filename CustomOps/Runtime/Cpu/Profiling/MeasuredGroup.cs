namespace OnnxActNN.CustomOps.Cpu.Profiling;

/// <summary>What was measured of one group.</summary>
internal readonly record struct MeasuredGroup(GroupRange Range, GroupMoments Moments);
