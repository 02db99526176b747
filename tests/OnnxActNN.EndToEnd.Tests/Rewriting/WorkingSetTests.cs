using FluentAssertions;
using OnnxActNN.CustomOps;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Testing;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Rewriting;

/// <summary>
/// With every tensor left exact, what keeps the working set small changes no loss and no gradient beyond rounding, on
/// ONNX Runtime's own training build.
/// </summary>
[Collection(RandomNumbers.Name)]
public sealed class WorkingSetTests
{
    private static readonly RewriteOptions Exact = new() { Exclude = ["*"], MinimumBytes = 0 };

    private static readonly SessionSettings Settings = new()
    {
        Threads = 2,
        Configure = options => options.RegisterOnnxActNN(),
    };

    public static TheoryData<string> Convolutional() =>
        ["resnet-tiny", "densenet-tiny", "mobilenet-tiny", "inception-tiny", "unet-tiny", "cnn-bn", "detector-tiny",
            "frozen-backbone"];

    [Theory]
    [MemberData(nameof(Convolutional))]
    public void Gradients_are_the_original_s_up_to_rounding(string name)
    {
        TrainingRuntime.Require();
        var zoo = ZooGraph.Open("small", name);
        using var folder = new TempFolder();
        var path = folder.PathTo("exact.onnx");
        TrainingGraphRewriter.RewriteFile(zoo.Artifacts.TrainingModel, Exact).Save(path);

        var expected = Gradients(zoo, zoo.Artifacts.TrainingModel);
        var actual = Gradients(zoo, path);

        actual.Loss.Should().Be(expected.Loss, "the forward pass is the original's, bit by bit");
        GradientComparison.Worst(actual.Gradients, expected.Gradients).Should().BeLessThanOrEqualTo(1);
    }

    /// <summary>Also more slices than the batch has samples, of which some are empty.</summary>
    [Theory]
    [InlineData("resnet-tiny", 4)]
    [InlineData("resnet-tiny", 13)]
    [InlineData("cnn-bn", 3)]
    [InlineData("detector-tiny", 4)]
    [InlineData("mobilenet-tiny", 4)]
    public void Slices_of_the_batch_add_up_to_the_gradient_that_is_made_at_once(string name, int slices)
    {
        TrainingRuntime.Require();
        var zoo = ZooGraph.Open("small", name);
        using var folder = new TempFolder();
        var options = new RewriteOptions { MinimumBytes = 0, Dimensions = zoo.Entry.ExampleDimensions };
        TrainingGraphRewriter.RewriteFile(zoo.Artifacts.TrainingModel, options).Save(folder.PathTo("whole.onnx"));
        var result = TrainingGraphRewriter.RewriteFile(
            zoo.Artifacts.TrainingModel, options with { BatchSlices = slices });
        result.Save(folder.PathTo("sliced.onnx"));
        result.Model.Graph.Nodes.Count(node => node.Operator == PackOperators.BatchSlice).Should()
            .BePositive().And.Match(count => count % slices == 0);

        var expected = Gradients(zoo, folder.PathTo("whole.onnx"));
        var actual = Gradients(zoo, folder.PathTo("sliced.onnx"));

        actual.Loss.Should().Be(expected.Loss);
        GradientComparison.Worst(actual.Gradients, expected.Gradients).Should().BeLessThanOrEqualTo(1);
    }

    private static (float Loss, Dictionary<string, float[]> Gradients) Gradients(ZooGraph zoo, string model)
    {
        using var reader = new GradientReader(new GraphRun(model, Settings), zoo.Signature, zoo.Parameters());
        using var feeds = zoo.Feeds(step: 0);
        var loss = reader.Run(feeds.Values);
        return (loss, reader.Gradients.ToDictionary());
    }
}
