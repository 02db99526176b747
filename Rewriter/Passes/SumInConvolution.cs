using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Lets a convolution of the backward pass add its result to another gradient, so that it needs no buffer at all.</summary>
/// <remarks>
/// ONNX Runtime's FusedConv starts from the values of its fourth input, in that input's buffer.
/// 1. An AddInPlace in the backward pass with a Conv's result that nobody else reads becomes a FusedConv onto the other summand, if that
/// summand is read nowhere after it.
/// </remarks>
internal static class SumInConvolution
{
    private static readonly OperatorId Convolution = OperatorId.Onnx("Conv");
    private static readonly OperatorId Fused = new(OperatorId.Microsoft, "FusedConv");

    /// <summary>Tells how many sums there were.</summary>
    public static int Apply(Graph graph, IReadOnlySet<Node> forward)
    {
        var last = new LastReaders(graph);
        var sums = graph.Nodes.Where(node => node.Operator == PackOperators.AddInPlace && !forward.Contains(node))
            .Select(sum => (Sum: sum, Product: ProductOf(sum))).Where(pair => pair.Product is not null).ToList();
        foreach (var (sum, product) in sums) Replace(graph, sum, product!);
        return sums.Count;

        Value? ProductOf(Node sum) => Enumerable.Range(0, 2)
            .Where(index => IsProduct(sum.Input(index)!) && last.IsAt(sum, sum.Input(1 - index)!)).Select(sum.Input).FirstOrDefault();

        bool IsProduct(Value value) =>
            value is { IsGraphOutput: false, Uses.Count: 1, Producer: { Inputs.Count: 2 } producer }
            && producer.Operator == Convolution && !forward.Contains(producer);
    }

    /// <summary>Rule 1.</summary>
    private static void Replace(Graph graph, Node sum, Value product)
    {
        var (convolution, result) = (product.Producer!, sum.Output(0)!);
        var other = sum.Inputs.Single(input => input != product);
        sum.SetOutput(0, null);
        var fused = GraphEditor.Insert(
            inserted => graph.Nodes.InsertBefore(sum, inserted), Fused, $"{convolution.DisplayName}/Sum",
            [convolution.Input(0), convolution.Input(1), null, other], [result]);
        foreach (var attribute in convolution.Attributes) fused.Attributes.Set(attribute);
        fused.DocString = convolution.DocString;
        GraphEditor.Remove(sum);
        GraphEditor.Remove(convolution);
    }
}
