using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Passes;

/// <summary>No loss of several runs backward before the forward pass is done.</summary>
public sealed class EndForwardFirstTests
{
    [Theory]
    [InlineData("detector-tiny", 1)]
    [InlineData("lenet", 0)]
    public void Packs_run_before_all_that_reads_them(string name, int anchored)
    {
        var path = SharedFolder.PathTo("models", "zoo", "small", name, "training_model.onnx");
        var graph = TrainingGraphRewriter.RewriteFile(path).Model.Graph;
        var order = ExecutionOrder.Of(graph).Select(node => node.Operator).ToList();

        order.FindLastIndex(PackOperators.IsPack).Should()
            .BeInRange(0, order.FindIndex(PackOperators.ReadsPacked));
        graph.Nodes.Where(node => node.Operator == PackOperators.Anchor && IsSeed(node.Input(0)!)).Should()
            .HaveCount(anchored);
    }

    private static bool IsSeed(Value value) => value.Initializer is not null;
}
