using FluentAssertions;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Shapes;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.IR;

/// <summary>The text form of graphs.</summary>
public sealed class GraphPrinterTests
{
    [Fact]
    public void Values_stand_in_columns_with_their_types_and_calls()
    {
        var graph = new TestGraph("main");
        var x = graph.Input("x", "float32[batch, 4]");
        var w = graph.Input("weight", "float32[3, 4]");
        var axes = graph.Constant("axes", 1);
        var y = graph.Apply("Gemm", [x, w, null], ("transB", 1L));
        var pooled = graph.ApplyAll("TopK", 2, [graph.Apply("my::Op", y), axes], ("axis", 0L));
        graph.Graph.AddOutput(pooled[0]);
        var types = ShapeInference.Infer(graph.Model);
        GraphPrinter.Print(graph.Graph, types.Of).Should().Be(
            """
            graph main
              input   x       float32[batch, 4]
              input   weight  float32[3, 4]
              const   axes    int64[1]           {1}
                      Gemm    float32[batch, 3]  Gemm(x, weight, -) transB=1
                      Op      ?                  my::Op(Gemm)
                      TopK    ?                  TopK(Op, axes) axis=0
                      TopK_1  int64[?]
              output  TopK

            """);
    }

    [Fact]
    public void Graphs_inside_a_node_stand_under_it()
    {
        var graph = new TestGraph("main");
        var condition = graph.Input("condition", "bool[]");
        var body = new Graph("then", graph.Graph);
        body.AddOutput(body.AddConstant("seven", DenseTensorData.Scalar(7)));
        var output = graph.Apply("If", condition);
        output.Producer!.Attributes.Set("then_branch", new AttributeValue.Subgraph(body));
        GraphPrinter.Print(graph.Graph).Should().Be(
            """
            graph main
              input   condition  bool[]
                      If         ?       If(condition) then_branch=graph then
                graph then
                  const   seven  int64[]  {7}
                  output  seven

            """);
    }
}
