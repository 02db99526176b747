namespace OnnxActNN.CustomOps.Cpu;

/// <summary>Works on the items from <paramref name="start"/> up to, not including, <paramref name="end"/>.</summary>
internal delegate void RangeAction(long start, long end);
