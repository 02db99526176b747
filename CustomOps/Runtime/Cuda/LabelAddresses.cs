namespace OnnxActNN.CustomOps.Cuda;

/// <summary>Labels on a device.</summary>
/// <param name="Address">The first one.</param>
/// <param name="Count">How many.</param>
/// <param name="AreWide">Whether they have 64 bits, not 32.</param>
internal readonly record struct LabelAddresses(nint Address, long Count, bool AreWide);
