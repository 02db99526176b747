using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Lets gradients of two readers be added in place.</summary>
/// <remarks>
/// 1. A backward Sum of two becomes an Add: the same number, which ONNX Runtime can write over one of the two. It gives a Sum a buffer of
/// its own.
/// </remarks>
internal static class AddInPlaceOfSum
{
    public static void Apply(Graph graph, IReadOnlySet<Node> forward)
    {
        // Rule 1.
        foreach (var node in graph.Nodes.Where(node => node.Operator == OperatorId.Onnx("Sum") && node.Inputs.Count == 2))
        {
            if (!forward.Contains(node)) node.Operator = OperatorId.Onnx("Add");
        }
    }
}
