using System.Text.Json;
using FluentAssertions;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;
using OnnxActNN.Tools;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Tools;

/// <summary><c>onnxactnn lower</c>, and <c>rewrite --runtime stock</c>.</summary>
public sealed class LowerCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    [Fact]
    public void Writes_the_lowered_graph_and_counts_what_it_replaced()
    {
        var target = _folder.PathTo("step.onnx");

        Run("lower", Training("lenet"), "-o", target, "--json").Should().Be(ExitCode.Done);

        var report = JsonDocument.Parse(_output.ToString()).RootElement;
        report.GetProperty("opset").GetInt64().Should().Be(16);
        report.GetProperty("replaced").GetProperty("com.microsoft::ConvGrad").GetInt32().Should().Be(2);
        report.GetProperty("replaced").GetProperty("com.microsoft::InPlaceAccumulatorV2").GetInt32().Should().Be(10);
        ModelReader.ReadFile(target).Graph.Nodes.Should().HaveCount(report.GetProperty("nodes").GetInt32());
    }

    [Fact]
    public void Leaves_what_stands_there_unless_forced()
    {
        var target = _folder.PathTo("step.onnx");
        File.WriteAllText(target, "precious");

        Run("lower", Training("lenet"), "-o", target).Should().Be(ExitCode.InputOutput);
        File.ReadAllText(target).Should().Be("precious");
        Run("lower", Training("lenet"), "-o", target, "--force").Should().Be(ExitCode.Done);
        _output.ToString().Should().Contain("com.microsoft::ReluGrad").And.Contain("nodes lowered");
    }

    /// <summary>
    /// The joint graphs of ORTModule hand over to PyTorch in the middle, which no standard operator does.
    /// </summary>
    [Fact]
    public void Names_the_nodes_that_cannot_be_lowered()
    {
        var graph = SharedFolder.PathTo("models", "external", "ort-bloom", "3layer_bloom_optimized_training.onnx");
        var target = _folder.PathTo("step.onnx");

        Run("lower", graph, "-o", target).Should().Be(ExitCode.Unsupported);

        _error.ToString().Should().Contain("com.microsoft::YieldOp").And.Contain("cannot be lowered");
        File.Exists(target).Should().BeFalse();
    }

    [Fact]
    public void Rewrites_for_the_stock_runtime()
    {
        var target = _folder.PathTo("packed.onnx");

        Run("rewrite", Training("resnet-tiny"), "-o", target, "--runtime", "stock").Should().Be(ExitCode.Done);

        var nodes = ModelReader.ReadFile(target).Graph.Nodes;
        nodes.Should().Contain(node => node.Operator.Type == "QuantizePack")
            .And.NotContain(node => node.Operator.Type == "ConvGrad");
    }

    public void Dispose() => _folder.Dispose();

    private static string Training(string name) =>
        SharedFolder.PathTo("models", "zoo", "small", name, "training_model.onnx");

    private int Run(params string[] args) => CommandLine.Run(args, _output, _error);
}
