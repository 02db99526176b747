namespace OnnxActNN.GpuCheck;

/// <summary>What is known of a device.</summary>
/// <param name="Name">As the driver calls it.</param>
/// <param name="ComputeCapability">For example 9.0.</param>
/// <param name="Driver">The newest CUDA release that the driver knows.</param>
internal sealed record DeviceFacts(string Name, string ComputeCapability, string Driver);
