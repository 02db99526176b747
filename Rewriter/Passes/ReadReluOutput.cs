using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Lets ReluGrad read the output of Relu where it reads the input.</summary>
/// <remarks>
/// 1. For each ReluGrad whose second input X is also the input of a Relu: read that Relu's output Y instead.
/// The gradients stay bit-identical, since Y &gt; 0 exactly where X &gt; 0; and X need not be saved for this reader.
/// </remarks>
internal static class ReadReluOutput
{
    private static readonly OperatorId ReluGrad = new(OperatorId.Microsoft, "ReluGrad");
    private static readonly OperatorId Relu = OperatorId.Onnx("Relu");

    /// <summary>Tells how many readers were moved.</summary>
    public static int Apply(Graph graph)
    {
        var moved = 0;
        foreach (var node in graph.Nodes.Where(node => node.Operator == ReluGrad))
        {
            // Rule 1.
            var relu = node.Input(1)?.Uses.FirstOrDefault(
                use => use.Node.Operator == Relu && use.Node.Graph == graph).Node;
            if (relu?.Output(0) is not { } output) continue;
            node.SetInput(1, output);
            moved++;
        }
        return moved;
    }
}
