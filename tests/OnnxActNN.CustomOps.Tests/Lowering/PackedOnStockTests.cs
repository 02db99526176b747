using FluentAssertions;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.CustomOps.Tests.Interop;
using OnnxActNN.Format;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Testing;
using OnnxActNN.Training.Gradients;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Lowering;

/// <summary>
/// Graphs lowered and then packed run on the current ONNX Runtime, and their gradients are those of the lowered graph
/// but for the codes' noise.
/// </summary>
[Collection(SessionCollection.Name)]
public sealed class PackedOnStockTests
{
    /// <summary>
    /// Of the whole gradient's norm, at 8 bits: a code's step is 1/255 of its group's range, some sixth of which is its
    /// deviation, so a tensor's relative error is about 1 %; that of the gradients adds up over the layers.
    /// </summary>
    private const double MostNoise = 0.1;

    /// <summary>
    /// Without the session's own optimizations, which fuse other nodes where packs stand between them.
    /// </summary>
    private static readonly SessionSettings Settings = new()
    {
        Threads = 1,
        Optimization = GraphOptimizationLevel.ORT_DISABLE_ALL,
        Configure = options => options.RegisterOnnxActNN(),
    };

    public static TheoryData<string> Entries() => [.. ZooGraph.SmallNames.DefaultIfEmpty("lenet")];

    [Theory]
    [MemberData(nameof(Entries))]
    public void Loss_is_exact_and_gradients_are_close(string name)
    {
        var zoo = ZooGraph.Open("small", name);
        Assert.SkipWhen(zoo.Entry.HasDropout, "the graph draws random numbers");
        var options = new RewriteOptions
        {
            Runtime = TargetRuntime.Stock,
            Width = CodeWidth.EightBits,
            Dimensions = zoo.Entry.ExampleDimensions,
        };
        var packed = TrainingGraphRewriter.RewriteFile(zoo.Artifacts.TrainingModel, options);

        var exact = LoweredStep.Run(zoo, GraphLowering.LowerFile(zoo.Artifacts.TrainingModel).ToBytes(), Settings);
        var noisy = LoweredStep.Run(zoo, packed.ToBytes(), Settings);

        noisy.Loss.Should().Be(exact.Loss);
        var noise = exact.Gradients
            .Sum(pair => pair.Value.Zip(noisy.Gradients[pair.Key], (x, y) => Math.Pow(x - y, 2)).Sum());
        var whole = exact.Gradients.Values.SelectMany(gradient => gradient).Sum(x => (double)x * x);
        Math.Sqrt(noise / whole).Should().BeLessThan(MostNoise);
        if (packed.Pairs.Any(pair => pair.Store.Decision == StorageDecision.Quantize))
            noise.Should().BePositive("tensors are packed");
    }

    /// <summary>
    /// At 2 bits, where normalizations read codes and others are computed from them. Of so many projections one lies
    /// beyond the threshold by chance now and then; a bias does so with other random numbers too.
    /// </summary>
    [Theory]
    [InlineData("bert-tiny")]
    [InlineData("vit-tiny")]
    [InlineData("gpt2-tiny")]
    [InlineData("mobilenet-tiny")]
    [InlineData("densenet-tiny")]
    public void Gradients_are_right_on_average(string name)
    {
        var zoo = ZooGraph.Open("small", name);
        var exact = LoweredStep.Run(zoo, GraphLowering.LowerFile(zoo.Artifacts.TrainingModel).ToBytes(), Settings);

        var biased = Biased(zoo, exact, seed: 1);
        if (biased.Count > 0) biased.IntersectWith(Biased(zoo, exact, seed: 2));

        biased.Should().BeEmpty();
    }

    /// <summary>Parameters whose gradients are not right on average.</summary>
    private static HashSet<string> Biased(
        ZooGraph zoo, (float Loss, IReadOnlyDictionary<string, float[]> Gradients) exact, long seed)
    {
        const int Draws = 96;
        var options = new RewriteOptions { Runtime = TargetRuntime.Stock, MinimumBytes = 0, Seed = seed };
        var packed = TrainingGraphRewriter.RewriteFile(zoo.Artifacts.TrainingModel, options);
        packed.Model.Graph.Nodes.Should().Contain(node => node.Operator.Type.EndsWith("NormalizationFromPacked"));
        var tests = exact.Gradients.ToDictionary(
            pair => pair.Key, pair => new BiasTest([.. pair.Value.Select(x => (double)x)]));
        foreach (var (loss, gradients) in LoweredStep.Draw(zoo, packed.ToBytes(), Settings, Draws))
        {
            loss.Should().Be(exact.Loss);
            foreach (var (parameter, gradient) in gradients) tests[parameter].Add([.. gradient.Select(x => (double)x)]);
        }
        return [.. tests.Where(test => test.Value.LargestZ > BiasTest.Threshold).Select(test => test.Key)];
    }

    /// <summary>
    /// Of masks, pooling indices and shapes nothing is lost: the gradients are equal numbers (zeros of either sign).
    /// </summary>
    [Theory]
    [MemberData(nameof(Entries))]
    public void Without_codes_loss_and_gradients_are_those_of_the_lowered_graph(string name)
    {
        var zoo = ZooGraph.Open("small", name);
        Assert.SkipWhen(zoo.Entry.HasDropout, "the graph draws random numbers");
        var options = new RewriteOptions { Runtime = TargetRuntime.Stock, LosslessOnly = true, MinimumBytes = 0 };
        var packed = TrainingGraphRewriter.RewriteFile(zoo.Artifacts.TrainingModel, options);

        var expected = LoweredStep.Run(zoo, GraphLowering.LowerFile(zoo.Artifacts.TrainingModel).ToBytes(), Settings);
        var actual = LoweredStep.Run(zoo, packed.ToBytes(), Settings);

        actual.Loss.Should().Be(expected.Loss);
        foreach (var (parameter, gradient) in expected.Gradients)
            actual.Gradients[parameter].Should().Equal(gradient, "of the gradient of '{0}'", parameter);
    }
}
