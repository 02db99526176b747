using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes;

/// <summary>
/// A graph that cannot be valid: sizes that contradict each other, an attribute no operator could read.
/// </summary>
public sealed class ShapeInferenceException : OnnxActNNException
{
    internal ShapeInferenceException(Node node, string problem)
        : base($"{node}: {problem}")
    {
    }
}
