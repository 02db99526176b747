namespace OnnxActNN.Rewriter.IR;

/// <summary>
/// What the reader found in the file and this object model has no words for (unknown fields, annotations, the original
/// encoding). Carried along untouched; only the Onnx folder looks inside.
/// </summary>
internal abstract class Preserved;
