namespace OnnxActNN.CustomOps.Cuda;

/// <summary>Bytes on a device.</summary>
/// <param name="Address">The first one; 0 where an optional input is left out.</param>
/// <param name="Count">How many.</param>
internal readonly record struct DeviceBytes(nint Address, long Count)
{
    public bool IsAbsent => Address == 0;
}
