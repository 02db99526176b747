namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// Addresses on a device of the float32 numbers that a layer normalization found and multiplies with; 0 where there are
/// none.
/// </summary>
/// <param name="Scale">Factor of each column.</param>
/// <param name="Bias">Summand of each column; may be absent.</param>
/// <param name="Mean">Mean of each row; absent for normalizations by the root mean square.</param>
/// <param name="InverseDeviation">1 / √(variance + ε) of each row.</param>
internal readonly record struct RowAddresses(nint Scale, nint Bias, nint Mean, nint InverseDeviation);
