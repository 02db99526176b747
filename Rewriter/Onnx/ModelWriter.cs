using Google.Protobuf;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx.Proto;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>Writes the object model as ONNX; the mirror of <see cref="ModelReader"/>.</summary>
/// <remarks>A model that no pass changed comes out with the bytes it was read from, where its fields stood in the usual order.</remarks>
internal static class ModelWriter
{
    /// <summary>The model as the content of an .onnx file. The same model gives the same bytes.</summary>
    /// <exception cref="OnnxFormatException">The file would be over 2 GB.</exception>
    public static byte[] Write(Model model)
    {
        var message = ToMessage(model);
        try
        {
            return message.ToByteArray();
        }
        catch (OverflowException error)
        {
            throw new OnnxFormatException("model", "is over 2 GB, which protobuf cannot hold; save its tensors as external data.", error);
        }
    }

    /// <summary>Writes the file in one step: a reader sees the old content or the new, never a part.</summary>
    /// <remarks>Tensor data kept in files beside the original is copied along when the folder changes.</remarks>
    /// <exception cref="OnnxFormatException">The file would be over 2 GB, or external data is missing.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WriteFile(Model model, string path)
    {
        var bytes = Write(model);
        ExternalData.CopyAlong(model, Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.Write(path, bytes);
    }

    private static ModelProto ToMessage(Model model)
    {
        var message = (model.Source as PreservedMessage<ModelProto>)?.Message.Clone() ?? new ModelProto();
        message.IrVersion = model.IrVersion;
        foreach (var (domain, version) in model.OpsetImports)
        {
            if (message.OpsetImport.FirstOrDefault(candidate => ModelReader.NormalizeDomain(candidate.Domain) == domain) is { } import)
                import.Version = version;
            else message.OpsetImport.Add(new OperatorSetIdProto { Domain = domain, Version = version });
        }
        message.Graph = GraphWriter.Write(model.Graph);
        return message;
    }
}
