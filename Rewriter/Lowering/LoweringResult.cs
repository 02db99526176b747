using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>A lowered training graph, and what was replaced.</summary>
public sealed class LoweringResult
{
    internal LoweringResult(Model model, IReadOnlyDictionary<string, int> replaced)
    {
        Model = model;
        Replaced = replaced;
    }

    /// <summary>
    /// How many nodes of each operator were replaced, by the operator's name, such as <c>com.microsoft::ReluGrad</c>.
    /// </summary>
    public IReadOnlyDictionary<string, int> Replaced { get; }

    /// <summary>Version of the standard operator set that the lowered graph needs.</summary>
    public long Opset => Model.Opset;

    /// <summary>Nodes of the lowered graph.</summary>
    public int Nodes => Model.Graph.Nodes.Count;

    internal Model Model { get; }

    /// <summary>The lowered model as the content of an .onnx file; the same input gives the same bytes.</summary>
    /// <exception cref="OnnxFormatException">The file would be over 2 GB.</exception>
    public byte[] ToBytes() => ModelWriter.Write(Model);

    /// <summary>Writes the lowered model; a file of that name is replaced in one step.</summary>
    /// <exception cref="OnnxFormatException">The file would be over 2 GB, or external data is missing.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => ModelWriter.WriteFile(Model, path);
}
