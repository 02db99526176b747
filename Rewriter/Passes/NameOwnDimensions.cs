using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>
/// Gives every value of the backward pass its own name for one dimension, and a declaration where it had none.
/// </summary>
/// <remarks>
/// ONNX Runtime lets a value take over a dead buffer of equal shape, names included; a forward buffer is then held until
/// a gradient of its shape takes it. Shapes with names of their own are never equal. The forward pass keeps its names: some of ONNX
/// Runtime's optimizers fuse only what has equal shapes (a sum into the convolution before it), and the forward pass is to be
/// rounded as the original's is.
/// 1. Only results of backward nodes that are tensors with at least one axis; graph outputs keep their declaration.
/// 2. The outermost dimension that is a name, an expression or, in a static shape, a number gets the name <c>own_N</c>.
/// 3. Vectors of integers keep theirs: they are shapes and axes, whose length type inference needs.
/// </remarks>
internal static class NameOwnDimensions
{
    public static void Apply(Graph graph, IReadOnlySet<Node> forward, Func<Value, TensorType?> typeOf)
    {
        var number = 0;
        foreach (var value in graph.Nodes.SelectMany(node => node.Outputs).OfType<Value>())
        {
            number++;
            // Rule 1.
            if (forward.Contains(value.Producer!) || value.IsGraphOutput) continue;
            if ((typeOf(value) ?? value.Declared) is not { Shape: { Rank: > 0 } shape } type) continue;
            // Rule 3.
            if (shape.Rank == 1 && !type.ElementType.IsPackableFloat() && type.ElementType != DataType.Bool) continue;
            // Rule 2.
            var axis = Enumerable.Range(0, shape.Rank).Where(index => !shape[index].IsKnown).FirstOrDefault(0);
            value.Declared = type with { Shape = shape.With(axis, Dimension.Named($"own_{number}")) };
        }
    }
}
