using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Passes;

namespace OnnxActNN.Rewriter;

/// <summary>A rewritten model and what was decided for each saved tensor.</summary>
public sealed class RewriteResult
{
    internal RewriteResult(Model model, SavedTensorReport report, IReadOnlyList<PackedPair> pairs)
    {
        Model = model;
        Report = report;
        Pairs = pairs;
    }

    /// <summary>Every saved tensor with its size, class, decision and reason.</summary>
    public SavedTensorReport Report { get; }

    internal Model Model { get; }

    internal IReadOnlyList<PackedPair> Pairs { get; }

    /// <summary>
    /// The rewritten model as the content of an .onnx file; the same input and options give the same bytes.
    /// </summary>
    /// <exception cref="OnnxFormatException">The file would be over 2 GB.</exception>
    public byte[] ToBytes() => ModelWriter.Write(Model);

    /// <summary>Writes the rewritten model; a file of that name is replaced in one step.</summary>
    /// <exception cref="OnnxFormatException">The file would be over 2 GB, or external data is missing.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => ModelWriter.WriteFile(Model, path);
}
