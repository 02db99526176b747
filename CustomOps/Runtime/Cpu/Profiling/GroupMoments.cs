namespace OnnxActNN.CustomOps.Cpu.Profiling;

/// <summary>Sums over a group, in float64 and in one order: the same bits on every tier.</summary>
/// <param name="Zeros">Elements that are +0 or −0.</param>
/// <param name="Sum">Sum of the elements.</param>
/// <param name="Squares">Sum of their squares.</param>
internal readonly record struct GroupMoments(long Zeros, double Sum, double Squares);
