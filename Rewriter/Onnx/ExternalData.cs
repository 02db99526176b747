using System.Globalization;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx.Proto;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>Tensor data in files beside the model: stays where it is, and follows the model into another folder.</summary>
internal static class ExternalData
{
    /// <summary>Copies the files that the model's tensors name into <paramref name="folder"/>, unless they are there already.</summary>
    /// <exception cref="OnnxFormatException">A file is missing, or its name points outside the model's folder.</exception>
    public static void CopyAlong(Model model, string folder)
    {
        foreach (var (location, tensor) in Locations(model.Graph))
        {
            var place = $"tensor '{tensor}'";
            if (Path.IsPathRooted(location) || location.Split('/', '\\').Contains(".."))
                throw new OnnxFormatException(place, $"external data '{location}' points outside the model's folder.");
            if (model.Folder is null) continue;
            var from = Path.Combine(model.Folder, location);
            var to = Path.Combine(folder, location);
            if (Path.GetFullPath(from) == Path.GetFullPath(to)) continue;
            if (!File.Exists(from)) throw new OnnxFormatException(place, $"its external data file '{from}' is missing.");
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            AtomicFile.Write(to, stream =>
            {
                using var source = File.OpenRead(from);
                source.CopyTo(stream);
            });
        }
    }

    /// <summary>Bytes a tensor keeps outside the file: location, offset and length (null: to the end).</summary>
    public static (string Location, long Offset, long? Length) Describe(TensorProto tensor)
    {
        var entries = new Dictionary<string, string>();
        foreach (var entry in tensor.ExternalData) entries.TryAdd(entry.Key, entry.Value);
        return (entries.GetValueOrDefault("location", ""), Number("offset") ?? 0, Number("length"));

        long? Number(string key) =>
            entries.TryGetValue(key, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : null;
    }

    private static IEnumerable<(string Location, string Tensor)> Locations(Graph graph)
    {
        var own = from value in graph.Initializers
                  let data = value.Initializer as ProtoTensorData
                  where data is { IsExternal: true }
                  select (Describe(data.Message).Location, value.Name);
        var inner = graph.Nodes.SelectMany(node => node.Subgraphs).SelectMany(Locations);
        return own.Concat(inner).DistinctBy(entry => entry.Location);
    }
}
