using FluentAssertions;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.TestModels;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Passes;

/// <summary>
/// That a rewrite takes as long for each node of a large graph as for one of a small graph. Memory stands for time: it
/// is the same in each run, and nearly every step of a walk takes some.
/// </summary>
public sealed class LargeGraphTests
{
    /// <summary>Tables grow by doubling.</summary>
    private const double Unevenness = 1.3;

    [Fact]
    public void Each_node_of_a_large_graph_takes_as_much_as_of_a_small_one()
    {
        BytesPerNode(nodes: 1_000); // What is made once.

        BytesPerNode(nodes: 16_000).Should().BeLessThan(Unevenness * BytesPerNode(nodes: 2_000));
    }

    private static double BytesPerNode(int nodes)
    {
        var model = ModelReader.Read(ModelWriter.Write(TestModelCatalog.LargeGraph(nodes)));
        var count = model.Graph.Nodes.Count;
        var before = GC.GetAllocatedBytesForCurrentThread();
        TrainingGraphRewriter.Rewrite(model, new RewriteOptions());
        return (double)(GC.GetAllocatedBytesForCurrentThread() - before) / count;
    }
}
