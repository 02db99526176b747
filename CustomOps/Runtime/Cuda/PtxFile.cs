using System.IO.Compression;
using System.Reflection;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>The compiled kernels that this assembly carries; tools/cuda-ptx makes them from Kernels/*.cu.</summary>
internal static class PtxFile
{
    /// <summary>The text of a module and a 0, as the driver takes it.</summary>
    public static byte[] Read(string module)
    {
        using var packed = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{module}.ptx")
            ?? throw new OperatorException($"The assembly lacks the CUDA kernels '{module}'; build it again with them.");
        using var text = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionMode.Decompress)) stream.CopyTo(text);
        text.WriteByte(0);
        return text.ToArray();
    }
}
