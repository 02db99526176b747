using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace OnnxActNN.Training.Data;

/// <summary>Reads NumPy's .npy files: little-endian numbers in row-major order.</summary>
internal static partial class NpyFile
{
    private const int FixedBytes = 8;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <exception cref="DataFormatException">
    /// The file is no such file, truncated, or of another element type or order.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static NumberArray Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < FixedBytes + sizeof(int) || !bytes.AsSpan().StartsWith(Magic))
            throw new DataFormatException(path, "is no .npy file.");
        var isLong = bytes[Magic.Length] > 1;
        var start = FixedBytes + (isLong ? sizeof(int) : sizeof(ushort));
        long length = isLong ? BitConverter.ToUInt32(bytes, FixedBytes) : BitConverter.ToUInt16(bytes, FixedBytes);
        if (length > bytes.Length - start) throw new DataFormatException(path, "ends within its header.");
        var header = Encoding.Latin1.GetString(bytes, start, (int)length);
        if (!header.Contains("'fortran_order': False", StringComparison.Ordinal))
            throw new DataFormatException(path, "is in column-major order; save it with numpy.ascontiguousarray.");
        var sizes = ShapePattern().Match(header).Groups[1].Value
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(size => int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed)
                ? parsed
                : throw new DataFormatException(path, $"has a size '{size}' that is not supported.")).ToArray();
        var values = Convert(path, TypePattern().Match(header).Groups[1].Value, bytes.AsSpan(start + (int)length));
        return sizes.Aggregate(1L, (product, size) => product * size) == values.Length
            ? new NumberArray(sizes, values)
            : throw new DataFormatException(
                path, $"has {values.Length} elements in place of [{string.Join(", ", sizes)}].");
    }

    private static float[] Convert(string path, string type, ReadOnlySpan<byte> data) => type switch
    {
        "<f4" => MemoryMarshal.Cast<byte, float>(data).ToArray(),
        "<f8" => Array.ConvertAll(MemoryMarshal.Cast<byte, double>(data).ToArray(), x => (float)x),
        "<i8" => Array.ConvertAll(MemoryMarshal.Cast<byte, long>(data).ToArray(), x => (float)x),
        "<i4" => Array.ConvertAll(MemoryMarshal.Cast<byte, int>(data).ToArray(), x => (float)x),
        "|u1" => Array.ConvertAll(data.ToArray(), x => (float)x),
        _ => throw new DataFormatException(
            path, $"has elements of type '{type}'; supported are <f4, <f8, <i4, <i8 and |u1."),
    };

    [GeneratedRegex(@"'descr':\s*'([^']*)'")]
    private static partial Regex TypePattern();

    [GeneratedRegex(@"'shape':\s*\(([^)]*)\)")]
    private static partial Regex ShapePattern();
}
