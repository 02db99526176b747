namespace OnnxActNN.GpuCheck;

/// <summary>A launch on bytes of the host: they go to the device, and what the launch writes comes back.</summary>
internal static class DeviceCall
{
    /// <summary>Puts work on the device's stream.</summary>
    /// <param name="sources">Addresses of the sources on the device; 0 for one that is null.</param>
    /// <param name="targets">Addresses of the targets.</param>
    public delegate void Launch(IReadOnlyList<nint> sources, IReadOnlyList<nint> targets);

    /// <summary>Runs a launch.</summary>
    /// <param name="device">Where.</param>
    /// <param name="sources">What it reads; null for an optional tensor that is left out.</param>
    /// <param name="targetBytes">How many bytes it writes to each target.</param>
    /// <param name="launch">The launch.</param>
    /// <returns>The targets.</returns>
    public static unsafe byte[][] Run(
        CudaDevice device, IReadOnlyList<byte[]?> sources, IReadOnlyList<long> targetBytes, Launch launch)
    {
        var given = sources.Select(source => source is null ? null : device.Allocate(source.Length)).ToList();
        var written = targetBytes.Select(device.Allocate).ToList();
        for (var i = 0; i < given.Count; i++) given[i]?.Write(sources[i]);
        launch(
            [.. given.Select(buffer => buffer is null ? 0 : (nint)buffer.Address)],
            [.. written.Select(buffer => (nint)buffer.Address)]);
        var results = written.Select(buffer =>
        {
            var bytes = new byte[buffer.Bytes];
            buffer.Read(bytes);
            return bytes;
        }).ToArray();
        foreach (var buffer in given.Concat(written)) buffer?.Dispose();
        return results;
    }
}
