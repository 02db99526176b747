namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// Addresses on a device of the float32 numbers per channel that a batch normalization found and multiplies with.
/// </summary>
/// <param name="Scale">Factor behind the normalization.</param>
/// <param name="Mean">Mean of the batch.</param>
/// <param name="InverseDeviation">1 / √(variance + ε) of the batch.</param>
internal readonly record struct ChannelAddresses(nint Scale, nint Mean, nint InverseDeviation);
