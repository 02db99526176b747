using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;

namespace OnnxActNN.Rewriter;

/// <summary>A training graph that measures itself.</summary>
public sealed class InstrumentResult
{
    internal InstrumentResult(Model model, string fingerprint, int activations, int gradients) =>
        (Model, Fingerprint, Activations, Gradients) = (model, fingerprint, activations, gradients);

    /// <summary>Fingerprint of the original.</summary>
    public string Fingerprint { get; }

    /// <summary>Saved tensors that are measured.</summary>
    public int Activations { get; }

    /// <summary>Gradients that are measured.</summary>
    public int Gradients { get; }

    internal Model Model { get; }

    /// <summary>The model as the content of an .onnx file.</summary>
    /// <exception cref="OnnxFormatException">The file would be over 2 GB.</exception>
    public byte[] ToBytes() => ModelWriter.Write(Model);

    /// <summary>Writes the model; a file of that name is replaced in one step.</summary>
    /// <exception cref="OnnxFormatException">The file would be over 2 GB, or external data is missing.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => ModelWriter.WriteFile(Model, path);
}
