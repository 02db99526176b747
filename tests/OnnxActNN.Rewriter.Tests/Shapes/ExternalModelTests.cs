using FluentAssertions;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Shapes;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Shapes;

/// <summary>Training graphs that ONNX Runtime's own project publishes.</summary>
public sealed class ExternalModelTests
{
    [Theory]
    [InlineData("ort-mnist/training_model.onnx")]
    [InlineData("ort-custom-ops/training_model.onnx")]
    [InlineData("ort-bloom/3layer_bloom_optimized_training.onnx")]
    public void Every_declared_tensor_gets_a_type_of_the_declared_rank_and_element_type(string file)
    {
        var model = ModelReader.ReadFile(SharedFolder.PathTo(["models", "external", .. file.Split('/')]));
        var types = ShapeInference.Infer(model);
        var differences = model.Graph.Values
            .Where(value => value.Declared is { Shape: not null })
            .Where(value => types.Of(value) is not { Shape: { } shape } type
                || shape.Rank != value.Declared!.Shape!.Rank || type.ElementType != value.Declared.ElementType)
            .Select(value => $"{value} of {value.Producer}: inferred {types.Of(value)}, declared {value.Declared}");
        differences.Should().BeEmpty();
    }

    [Fact]
    public void A_joint_graph_with_two_names_for_one_size_is_followed_to_its_gradients()
    {
        var model = ModelReader.ReadFile(
            SharedFolder.PathTo("models", "external", "ort-bloom", "3layer_bloom_optimized_training.onnx"));
        var sizes = model.Graph.Inputs.SelectMany(input => input.Declared?.Shape ?? Shape.Scalar)
            .SelectMany(dimension => dimension.Names()).Distinct()
            .ToDictionary(name => name, name => name.EndsWith("dim0", StringComparison.Ordinal) ? 2L : 16L);
        var types = ShapeInference.Infer(model, sizes);
        var unknown = model.Graph.Values
            .Where(value => value.Producer is not null && types.SizesOf(value) is null)
            .Select(value => $"{value} of {value.Producer}: inferred {types.Of(value)}, declared {value.Declared}");
        unknown.Should().BeEmpty();
    }
}
