using System.Globalization;
using OnnxActNN.Rewriter.Onnx.Proto;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>
/// Tensor data in files beside the model: read in pieces, never loaded, and taken along into another folder.
/// </summary>
internal static class ExternalData
{
    /// <summary>Copies the data files that the model names into a folder, unless they are there already.</summary>
    /// <param name="model">The model as it will be written.</param>
    /// <param name="home">The folder the names are relative to; null copies nothing (a model from memory).</param>
    /// <param name="folder">Where the model goes.</param>
    /// <param name="overwrite">Whether a different file of that name there may be replaced.</param>
    /// <exception cref="OnnxFormatException">
    /// A file is missing, or its name points outside the model's folder.
    /// </exception>
    /// <exception cref="IOException">A different file of that name is there, or copying failed.</exception>
    public static void CopyAlong(ModelProto model, string? home, string folder, bool overwrite)
    {
        var files = from tensor in TensorWalk.Tensors(model)
                    where tensor.DataLocation == TensorProto.Types.DataLocation.External
                    select (Name: CheckedLocation(tensor), Place: Place(tensor));
        foreach (var (name, place) in files.DistinctBy(file => file.Name).ToList())
        {
            if (home is null) continue;
            var from = Path.GetFullPath(name, Path.GetFullPath(home));
            var to = Path.GetFullPath(name, Path.GetFullPath(folder));
            if (from == to) continue;
            if (!File.Exists(from)) throw Missing(place, from);
            if (File.Exists(to))
            {
                if (HaveSameContent(from, to)) continue;
                if (!overwrite)
                    throw new IOException($"'{to}' is there already with other content; choose another folder.");
            }
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            AtomicFile.Copy(from, to);
        }
    }

    /// <summary>Reads a part of a tensor's data from its file.</summary>
    /// <param name="tensor">A tensor whose data is external.</param>
    /// <param name="home">The folder its location is relative to.</param>
    /// <param name="bytes">Bytes the tensor's type and shape need.</param>
    /// <param name="offset">First byte wanted, counted from the start of the tensor's data.</param>
    /// <param name="destination">Filled completely.</param>
    /// <exception cref="OnnxFormatException">
    /// The location is outside the folder, the file is missing or too short.
    /// </exception>
    public static void Read(TensorProto tensor, string? home, long bytes, long offset, Span<byte> destination)
    {
        var path = Path.GetFullPath(CheckedLocation(tensor), Path.GetFullPath(home ?? "."));
        var start = Number(tensor, "offset") ?? 0;
        if (Number(tensor, "length") is { } length && length != bytes)
        {
            throw new OnnxFormatException(
                Place(tensor), $"its external data has {length} bytes; its type and shape need {bytes}.");
        }
        if (!File.Exists(path)) throw Missing(Place(tensor), path);
        using var file = File.OpenHandle(path);
        var held = RandomAccess.GetLength(file);
        if (start > held || bytes > held - start)
        {
            throw new OnnxFormatException(
                Place(tensor), $"needs bytes {start} to {(Int128)start + bytes} of '{path}', which has {held}.");
        }
        while (destination.Length > 0)
        {
            var read = RandomAccess.Read(file, destination, start + offset);
            if (read == 0) throw new OnnxFormatException(Place(tensor), $"'{path}' became shorter while it was read.");
            destination = destination[read..];
            offset += read;
        }
    }

    private static string CheckedLocation(TensorProto tensor)
    {
        var location = Entry(tensor, "location") ?? "";
        var leaves = Path.IsPathRooted(location) || location.Split('/', '\\').Contains("..");
        if (location.Length == 0 || leaves || location.Contains('\0'))
        {
            throw new OnnxFormatException(
                Place(tensor), $"external data '{location}' names no file inside the model's folder.");
        }
        return location;
    }

    private static string? Entry(TensorProto tensor, string key) =>
        tensor.ExternalData.FirstOrDefault(entry => entry.Key == key)?.Value;

    private static long? Number(TensorProto tensor, string key)
    {
        if (Entry(tensor, key) is not { } text) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new OnnxFormatException(Place(tensor), $"external data {key} '{text}' is no byte count.");
    }

    private static string Place(TensorProto tensor) => $"tensor '{tensor.Name}'";

    private static OnnxFormatException Missing(string place, string path) =>
        new(place, $"its external data file '{path}' is missing.");

    private static bool HaveSameContent(string left, string right)
    {
        using var first = File.OpenHandle(left);
        using var second = File.OpenHandle(right);
        var length = RandomAccess.GetLength(first);
        if (length != RandomAccess.GetLength(second)) return false;
        var buffers = (Left: new byte[1 << 20], Right: new byte[1 << 20]);
        for (long at = 0; at < length;)
        {
            var read = RandomAccess.Read(first, buffers.Left, at);
            if (read == 0) return false;
            for (var have = 0; have < read;)
            {
                var more = RandomAccess.Read(second, buffers.Right.AsSpan(have, read - have), at + have);
                if (more == 0) return false;
                have += more;
            }
            if (!buffers.Left.AsSpan(0, read).SequenceEqual(buffers.Right.AsSpan(0, read))) return false;
            at += read;
        }
        return true;
    }
}
