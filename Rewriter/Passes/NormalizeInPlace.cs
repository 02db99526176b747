using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Lets batch normalizations in training be written over their input.</summary>
/// <remarks>
/// ONNX Runtime's kernel takes a buffer more, and one thread. The results are the same to the last bit (on x86-64).
/// 1. A BatchNormInternal of float32 in the forward pass becomes a BatchNormalizationInPlace; its inputs and results
/// keep their names.
/// 2. Of its attributes epsilon and momentum stay.
/// </remarks>
internal static class NormalizeInPlace
{
    private const int Outputs = 5;
    private static readonly OperatorId Normalization = new(OperatorId.Microsoft, "BatchNormInternal");
    private static readonly string[] Kept = ["epsilon", "momentum"];

    public static void Apply(Graph graph, GraphItemSet<Node> forward, Func<Value, TensorType?> typeOf)
    {
        foreach (var node in graph.Nodes.Where(node => node.Operator == Normalization && forward.Contains(node)))
        {
            if (node.Outputs.Count != Outputs || node.Outputs.Contains(null) || !node.Inputs.All(IsFloat)) continue;
            node.Operator = PackOperators.BatchNormalizationInPlace; // Rule 1.
            node.Attributes.KeepOnly(Kept); // Rule 2.
        }

        bool IsFloat(Value? value) =>
            value is not null && (typeOf(value) ?? value.Declared)?.ElementType == DataType.Float;
    }

    /// <summary>
    /// Makes them ONNX Runtime's operators again, for another runtime: there they are lowered as in the original, and
    /// round as it does.
    /// </summary>
    public static void Undo(Graph graph)
    {
        foreach (var node in graph.Nodes.Where(node => node.Operator == PackOperators.BatchNormalizationInPlace))
            node.Operator = Normalization;
    }
}
