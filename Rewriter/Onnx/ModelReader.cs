using Google.Protobuf;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx.Proto;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>Reads ONNX files into the object model; the mirror of <see cref="ModelWriter"/>.</summary>
internal static class ModelReader
{
    /// <summary>Reads a file. Tensor data kept in files beside it stays there.</summary>
    /// <exception cref="OnnxFormatException">The file is no valid ONNX model.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Model ReadFile(string path)
    {
        if (new FileInfo(path).Length > Array.MaxLength)
        {
            throw new OnnxFormatException(
                path, "is over 2 GB, which protobuf cannot hold; save the model with external data.");
        }
        return Read(File.ReadAllBytes(path), path, Path.GetDirectoryName(Path.GetFullPath(path)));
    }

    /// <summary>Reads a model from memory.</summary>
    /// <param name="bytes">The file's content.</param>
    /// <param name="place">What messages call it.</param>
    /// <param name="folder">The folder external tensor data is relative to, if any.</param>
    /// <exception cref="OnnxFormatException">The bytes are no valid ONNX model.</exception>
    public static Model Read(ReadOnlyMemory<byte> bytes, string place = "model", string? folder = null)
    {
        ModelProto message;
        try
        {
            message = ModelProto.Parser.ParseFrom(bytes.Span);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new OnnxFormatException(place, $"is not a readable ONNX file ({error.Message.TrimEnd('.')}).", error);
        }
        if (message.Graph is null) throw new OnnxFormatException(place, "holds no graph; is it an ONNX model?");
        return Read(message, place, folder);
    }

    private static Model Read(ModelProto message, string place, string? folder)
    {
        var graph = new GraphReader(place, folder).Read(message.Graph, outer: null);
        message.Graph = null;
        return new Model(graph)
        {
            IrVersion = message.IrVersion,
            OpsetImports = OpsetImports(message),
            Functions = message.Functions.Select(
                function => new OperatorId(NormalizeDomain(function.Domain), function.Name)).ToHashSet(),
            Folder = folder,
            Source = new PreservedMessage<ModelProto>(message),
        };
    }

    /// <summary>Version per domain; where a file states a domain twice, the later one counts.</summary>
    internal static Dictionary<string, long> OpsetImports(ModelProto message)
    {
        var imports = new Dictionary<string, long>();
        foreach (var import in message.OpsetImport) imports[NormalizeDomain(import.Domain)] = import.Version;
        return imports;
    }

    /// <summary>The standard domain has two spellings.</summary>
    internal static string NormalizeDomain(string domain) => domain == "ai.onnx" ? "" : domain;
}
