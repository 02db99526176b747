using FluentAssertions;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.CustomOps.Tests.Interop;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;
using OnnxActNN.Training.Gradients;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Lowering;

/// <summary>
/// Codes of probabilities on the current ONNX Runtime: the loss is the original's to the last bit, and no gradient has
/// a bias.
/// </summary>
[Collection(SessionCollection.Name)]
public sealed class AttentionOnStockTests(ITestOutputHelper output)
{
    private const int Draws = 64;

    /// <summary>Some forty parameters with nine projections each: beyond 5 none is by chance.</summary>
    private const double ThresholdOfAll = 5;

    /// <summary>
    /// Without the session's own optimizations, which fuse other nodes where packs stand between them.
    /// </summary>
    private static readonly SessionSettings Settings = new()
    {
        Threads = 1,
        Optimization = GraphOptimizationLevel.ORT_DISABLE_ALL,
    };

    [Theory]
    [InlineData("bert-tiny", "*/attention/self/*")]
    [InlineData("gpt2-tiny", "*/attn/*")]
    [InlineData("vit-tiny", "*/self_attention/*")]
    public void Gradients_are_right_on_average(string name, string attention)
    {
        var zoo = ZooGraph.Open("small", name);
        var options = new RewriteOptions
        {
            Runtime = TargetRuntime.Stock,
            MinimumBytes = 0,
            Include = [attention, "*log_prob*"],
            Dimensions = zoo.Entry.ExampleDimensions,
        };
        var rewritten = TrainingGraphRewriter.RewriteFile(zoo.Artifacts.TrainingModel, options).ToBytes();
        using var feeds = zoo.Feeds(step: 0);
        var graphs = new ComparedGraphs(
            () => ModelReader.ReadFile(zoo.Artifacts.TrainingModel), () => ModelReader.Read(rewritten),
            zoo.Parameters(), feeds, zoo.Signature.LossOutput, Settings);
        var result = Verification.Run(graphs, Draws);

        var largest = result.Parameters.Max(parameter => parameter.BiasScore);
        output.WriteLine($"relative variance {result.RelativeVariance:G3}, largest z {largest:F1}");
        result.LossDifference.Should().Be(0);
        result.Variance.Should().BePositive();
        // A gradient that is 0 in exact arithmetic, as that of the keys' bias, has nothing but rounding, which is no
        // noise.
        result.Parameters.Where(parameter => parameter.RelativeBias > 1e-3).Should()
            .OnlyContain(parameter => parameter.BiasScore < ThresholdOfAll);
    }
}
