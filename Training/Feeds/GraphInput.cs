using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Training.Feeds;

/// <summary>An input of a training graph.</summary>
internal sealed record GraphInput(string Name, TensorElementType ElementType, Shape Shape)
{
    /// <summary>
    /// The input as the graph declares it; the numbers of the two enumerations are both those of the standard.
    /// </summary>
    /// <exception cref="NotSupportedException">It is no tensor of known rank.</exception>
    public static GraphInput Of(Value value) => value.Declared is { Shape: { } shape } type
        ? new GraphInput(value.Name, (TensorElementType)(int)type.ElementType, shape)
        : throw new NotSupportedException($"Graph input '{value}' is no tensor of known rank.");
}
