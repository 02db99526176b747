using FluentAssertions;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Planning;

/// <summary>
/// Where a batch normalization has planes to average over, its input is packed; where it has the samples alone, the
/// input stays exact.
/// </summary>
public sealed class NormalizedOverSamplesTests
{
    [Theory]
    [InlineData("float32[batch, 64]", StorageDecision.Exact)]
    [InlineData("float32[batch, 64, 1]", StorageDecision.Exact)]
    [InlineData("float32[batch, 64, 1, 1]", StorageDecision.Exact)]
    [InlineData("float32[batch, 64, 40]", StorageDecision.Quantize)]
    [InlineData("float32[batch, 64, 8, width]", StorageDecision.Quantize)]
    public void Only_planes_average_the_square_of_an_error_out(string type, StorageDecision expected)
    {
        var graph = new TestGraph();
        var x = graph.Apply("Sigmoid", graph.Input("input", type));
        var scale = graph.Graph.AddConstant("scale", DenseTensorData.Floats([64], new float[64]));
        var forward = graph.ApplyAll(
            "com.microsoft::BatchNormInternal", 5, [x, scale, scale, scale, scale], ("training_mode", 1L));
        var loss = graph.Apply("ReduceMean", [forward[0]], ("keepdims", 0L));
        graph.Graph.AddOutput(loss);
        var seed = graph.Graph.AddValue($"{loss.Name}_grad");
        graph.Graph.AddInitializer(seed, DenseTensorData.Scalar(1f));
        var gradient = graph.Apply("Expand", seed, graph.Apply("Shape", x));
        foreach (var result in graph.ApplyAll(
            "com.microsoft::BatchNormalizationGrad", 3, [gradient, x, scale, forward[3], forward[4]]))
            graph.Graph.AddOutput(result);

        var report = TrainingGraphRewriter.Rewrite(
            ModelWriter.Write(graph.Model), new RewriteOptions { MinimumBytes = 0 }).Report;

        report.Rows.Should().ContainSingle(row => row.Name == x.Name).Which.Decision.Should().Be(expected);
    }
}
