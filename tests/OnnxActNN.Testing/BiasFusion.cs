using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Testing;

/// <summary>
/// Puts BiasGelu in the place of Add and Gelu, and of FastGelu likewise, with the gradients that ONNX Runtime's
/// gradient builder writes for it: as builds for CUDA fuse a graph before it is differentiated.
/// </summary>
internal static class BiasFusion
{
    /// <summary>Tells how many there were.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="isFast">Whether each Gelu becomes a FastGelu before.</param>
    public static int Apply(Graph graph, bool isFast = false)
    {
        var fused = 0;
        foreach (var node in graph.Nodes.Where(node => isFast && node.Operator.Type is ("Gelu" or "GeluGrad")))
            node.Operator = new OperatorId(OperatorId.Microsoft, $"Fast{node.Operator.Type}");
        foreach (var gelu in graph.Nodes.Where(node => node.Operator.Type is "Gelu" or "FastGelu").ToList())
        {
            if (gelu.Input(0)!.Producer is not { Operator.Type: "Add" } sum || gelu.Inputs.Count > 1) continue;
            var parameter = sum.Inputs.FirstOrDefault(input => input!.Producer is null);
            if (parameter is null) continue;
            var x = sum.Inputs.First(input => input != parameter)!;
            foreach (var use in sum.Output(0)!.Uses.Where(
                use => use.Node.Operator.Type.EndsWith("GeluGrad", StringComparison.Ordinal)).ToList())
                Replace(use.Node, $"Bias{use.Node.Operator.Type}_dX", 1);
            Replace(gelu, gelu.Operator.Type == "Gelu" ? "BiasGelu" : "FastGelu", 0);
            if (sum.Output(0)!.Uses.Count == 0) GraphEditor.Remove(sum);
            fused++;

            void Replace(Node node, string type, int input)
            {
                node.Operator = new OperatorId(OperatorId.Microsoft, type);
                node.SetInput(input, x);
                node.SetInput(input + 1, parameter);
            }
        }
        return fused;
    }
}
