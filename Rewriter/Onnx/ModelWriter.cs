using Google.Protobuf;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx.Proto;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>Writes the object model as ONNX; the mirror of <see cref="ModelReader"/>.</summary>
/// <remarks>
/// A model that no pass changed comes out with the bytes it was read from, where its fields stood in the usual order.
/// </remarks>
internal static class ModelWriter
{
    /// <summary>The model as the content of an .onnx file. The same model gives the same bytes.</summary>
    /// <exception cref="OnnxFormatException">The file would be over 2 GB.</exception>
    public static byte[] Write(Model model) => ToBytes(ToMessage(model));

    /// <summary>Writes the file in one step: a reader sees the old content or the new, never a part.</summary>
    /// <remarks>Tensor data kept in files beside the original is copied along when the folder changes.</remarks>
    /// <param name="model">What to write.</param>
    /// <param name="path">The file; an old one is replaced.</param>
    /// <param name="overwriteData">
    /// Whether external data may replace a different file of its name in the new folder.
    /// </param>
    /// <exception cref="OnnxFormatException">The file would be over 2 GB, or external data is missing.</exception>
    /// <exception cref="IOException">
    /// The file cannot be written, or external data would replace another file.
    /// </exception>
    public static void WriteFile(Model model, string path, bool overwriteData = false)
    {
        var message = ToMessage(model);
        var bytes = ToBytes(message);
        ExternalData.CopyAlong(message, model.Folder, Path.GetDirectoryName(Path.GetFullPath(path))!, overwriteData);
        AtomicFile.Write(path, bytes);
    }

    private static byte[] ToBytes(ModelProto message)
    {
        try
        {
            return message.ToByteArray();
        }
        catch (OverflowException error)
        {
            throw new OnnxFormatException(
                "model", "is over 2 GB, which protobuf cannot hold; save its tensors as external data.", error);
        }
    }

    private static ModelProto ToMessage(Model model)
    {
        var message = (model.Source as PreservedMessage<ModelProto>)?.Message.Clone() ?? new ModelProto();
        if (message.IrVersion != model.IrVersion) message.IrVersion = model.IrVersion;
        var stated = ModelReader.OpsetImports(message);
        foreach (var (domain, version) in model.OpsetImports)
        {
            if (stated.TryGetValue(domain, out var old) && old == version) continue;
            foreach (var import in message.OpsetImport.Where(
                import => ModelReader.NormalizeDomain(import.Domain) == domain))
                import.Version = version;
            if (!stated.ContainsKey(domain))
                message.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        }
        message.Graph = GraphWriter.Write(model.Graph);
        return message;
    }
}
