using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Plans;

namespace OnnxActNN.Rewriter;

/// <summary>What must hold of a model before anything is done with it.</summary>
internal static class ModelChecks
{
    /// <exception cref="UnsupportedGraphException">The graph is rewritten or instrumented already.</exception>
    public static void RequireOriginal(Model model)
    {
        if (model.Graph.Nodes.FirstOrDefault(node => PackOperators.IsOwn(node.Operator)) is { } own)
            throw new UnsupportedGraphException(
                $"{own} shows that this graph is rewritten already; start from the original.");
    }

    /// <summary>A plan or profile says nothing of another graph.</summary>
    /// <exception cref="PlanFormatException">It is of another graph.</exception>
    public static void RequireSameModel(string found, string fingerprint, string what)
    {
        if (found == fingerprint) return;
        throw new PlanFormatException(
            $"the {what} is of another graph ({found}, this one is {fingerprint}); make one of this graph with "
                + $"'onnxactnn {what}'.");
    }
}
