using System.Buffers.Binary;
using System.IO.Compression;

namespace OnnxActNN.Training.Data;

/// <summary>
/// Reads the IDX files of MNIST and its followers, plain or gzipped: unsigned bytes with one to four axes.
/// </summary>
internal static class IdxFile
{
    private const int UnsignedByte = 8;
    private const int MaximumRank = 4;
    private const int HeaderBytes = 4;

    /// <exception cref="DataFormatException">The file is no such file, or truncated.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static NumberArray Read(string path)
    {
        var bytes = ReadBytes(path);
        if (bytes.Length < HeaderBytes || bytes[0] != 0 || bytes[1] != 0 || bytes[2] != UnsignedByte
            || bytes[3] is 0 or > MaximumRank)
            throw new DataFormatException(path, "is no IDX file of unsigned bytes.");
        var rank = bytes[3];
        var start = HeaderBytes + rank * sizeof(int);
        if (bytes.Length < start) throw new DataFormatException(path, "ends within its header.");
        var sizes = new int[rank];
        var length = 1L;
        for (var axis = 0; axis < rank; axis++)
        {
            sizes[axis] = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(HeaderBytes + axis * sizeof(int)));
            length = sizes[axis] < 0 || length > int.MaxValue ? -1 : length * sizes[axis];
        }
        if (bytes.Length - start != length)
            throw new DataFormatException(
                path, $"has {bytes.Length - start} bytes of data in place of [{string.Join(", ", sizes)}].");
        return new NumberArray(sizes, Array.ConvertAll(bytes[start..], value => (float)value));
    }

    private static byte[] ReadBytes(string path)
    {
        if (!path.EndsWith(".gz", StringComparison.Ordinal)) return File.ReadAllBytes(path);
        try
        {
            using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
            using var content = new MemoryStream();
            file.CopyTo(content);
            return content.ToArray();
        }
        catch (InvalidDataException reason)
        {
            throw new DataFormatException(path, "is no readable gzip file.", reason);
        }
    }
}
