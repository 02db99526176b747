namespace OnnxActNN.GpuCheck;

/// <summary>The speed of one kernel on one size.</summary>
/// <param name="Kernel">What ran.</param>
/// <param name="TensorBytes">Bytes of the unpacked tensor.</param>
/// <param name="GigabytesPerSecond">Bytes read and written, over the median time.</param>
/// <param name="OfCopy">The same as a part of a device copy's of that size.</param>
internal sealed record BandwidthRow(string Kernel, long TensorBytes, double GigabytesPerSecond, double OfCopy);
