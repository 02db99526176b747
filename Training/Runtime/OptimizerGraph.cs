using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;

namespace OnnxActNN.Training.Runtime;

/// <summary>The optimizer's graph for training sessions, for training graphs that come without one.</summary>
internal static class OptimizerGraph
{
    private const string Type = "AdamWOptimizer";
    private const float WeightDecay = 0;
    private const float Epsilon = 1e-6f;

    /// <summary>
    /// AdamW as ONNX Runtime's <c>generate_artifacts</c> writes it: adam_mode 1, alpha 0.9, beta 0.999, epsilon 1e-6,
    /// no weight decay, for any number of float32 parameters.
    /// </summary>
    public static Model AdamW()
    {
        const long Opset = 15;
        const long IrVersion = 8;
        var graph = new Graph("optimizer");
        var node = new Node(new OperatorId(OperatorId.Microsoft, Type), Type);
        AddInput(graph, node, graph.AddValue("learning_rate", new TensorType(DataType.Float, Shape.Of(1))));
        AddInput(graph, node, graph.AddValue("step", new TensorType(DataType.Int64, Shape.Of(1))));
        foreach (var name in (string[])["params", "gradients", "first_order_moments", "second_order_moments"])
            AddInput(graph, node, graph.AddValue(name, source: SequenceType.Declare(name, DataType.Float)));
        var updated = graph.AddValue("updated", new TensorType(DataType.Bool, Shape.Of(1)));
        node.AddOutputs(updated);
        graph.AddOutput(updated);
        node.Attributes.Set("adam_mode", 1);
        node.Attributes.Set("correct_bias", 1);
        node.Attributes.Set("alpha", new AttributeValue.Float(0.9f));
        node.Attributes.Set("beta", new AttributeValue.Float(0.999f));
        node.Attributes.Set("epsilon", new AttributeValue.Float(Epsilon));
        node.Attributes.Set("weight_decay", new AttributeValue.Float(WeightDecay));
        graph.Nodes.Add(node);
        return new Model(graph) { IrVersion = IrVersion, OpsetImports = { [""] = Opset, [OperatorId.Microsoft] = 1 } };
    }

    private static void AddInput(Graph graph, Node node, Value value)
    {
        graph.AddInput(value);
        node.AddInputs(value);
    }
}
