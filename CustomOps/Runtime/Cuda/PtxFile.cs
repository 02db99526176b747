using System.Reflection;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>The compiled kernels that this assembly carries; tools/cuda-ptx makes them from Kernels/*.cu.</summary>
internal static class PtxFile
{
    /// <summary>The text of a module and a 0, as the driver takes it.</summary>
    public static byte[] Read(string module)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{module}.ptx")
            ?? throw new OperatorException($"The assembly lacks the CUDA kernels '{module}'; build it again with them.");
        var text = new byte[stream.Length + 1];
        stream.ReadExactly(text.AsSpan(0, text.Length - 1));
        return text;
    }
}
