using System.Buffers;
using System.IO.Compression;
using System.Reflection;
using System.Text;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// The compiled kernels that this assembly carries; tools/cuda-ptx makes them from Kernels/*.cu. They are packed
/// together, as they are much alike, and all are unpacked when one is wanted.
/// </summary>
internal static class PtxFile
{
    /// <summary>How much longer text is than what it was packed to, about.</summary>
    private const int LikelyRatio = 10;

    /// <summary>The text of a module and a 0, as the driver takes it.</summary>
    public static byte[] Read(string module)
    {
        var all = Unpack();
        for (var rest = all.AsSpan(); !rest.IsEmpty;)
        {
            var name = rest[..rest.IndexOf((byte)0)];
            var text = rest[(name.Length + 1)..];
            text = text[..(text.IndexOf((byte)0) + 1)];
            if (name.SequenceEqual(Encoding.UTF8.GetBytes(module))) return text.ToArray();
            rest = rest[(name.Length + 1 + text.Length)..];
        }
        throw new OperatorException($"The assembly lacks the CUDA kernels '{module}'; build it again with them.");
    }

    /// <summary>Name, 0, text and 0 of each module.</summary>
    private static byte[] Unpack()
    {
        using var packed = Assembly.GetExecutingAssembly().GetManifestResourceStream("kernels.ptx")
            ?? throw new OperatorException("The assembly lacks the CUDA kernels; build it again with them.");
        var source = new byte[packed.Length];
        packed.ReadExactly(source);
        using var decoder = default(BrotliDecoder);
        var text = new byte[LikelyRatio * source.Length];
        var (read, length) = (0, 0);
        // The decoder alone: a BrotliStream would bring the encoder into gpu-check, which is larger than what is saved.
        while (true)
        {
            var status = decoder.Decompress(
                source.AsSpan(read), text.AsSpan(length), out var consumed, out var written);
            (read, length) = (read + consumed, length + written);
            if (status == OperationStatus.Done) break;
            if (status != OperationStatus.DestinationTooSmall)
                throw new OperatorException("The CUDA kernels in the assembly are damaged; build it again.");
            Array.Resize(ref text, 2 * text.Length);
        }
        Array.Resize(ref text, length);
        return text;
    }
}
