using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Analysis;

/// <summary>Which values keep the exact zeros of a Relu.</summary>
public sealed class ReluOutputsTests
{
    [Theory]
    [InlineData(true, "Relu")]
    [InlineData(true, "Relu", "Dropout")]
    [InlineData(true, "Relu", "Flatten", "Dropout")]
    [InlineData(true, "Relu", "Transpose", "Reshape")]
    [InlineData(false, "Relu", "Neg")]
    [InlineData(false, "Dropout")]
    [InlineData(false, "LeakyRelu")]
    public void Zeros_survive_what_moves_or_drops_elements(bool expected, params string[] operators)
    {
        var graph = new Graph("chain");
        var value = graph.AddValue("x", new TensorType(DataType.Float, Shape.Of(2, 3)));
        graph.AddInput(value);
        foreach (var type in operators)
        {
            var next = graph.AddFreshValue(type);
            GraphEditor.Add(graph, OperatorId.Onnx(type), type, [value], [next]);
            value = next;
        }

        ReluOutputs.Contain(value).Should().Be(expected);
    }
}
