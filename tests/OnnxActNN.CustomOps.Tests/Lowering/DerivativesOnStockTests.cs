using FluentAssertions;
using OnnxActNN.CustomOps.Tests.Interop;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Testing;
using OnnxActNN.Training.Gradients;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Lowering;

/// <summary>
/// Codes of activations' derivatives, and nothing else, in a graph that runs on the current ONNX Runtime.
/// </summary>
[Collection(SessionCollection.Name)]
public sealed class DerivativesOnStockTests
{
    private const int Draws = 64;

    /// <summary>
    /// Up to 40 parameters with 9 projections each are tested: one beyond 4 is to be expected now and then, beyond 5
    /// none.
    /// </summary>
    private const double ThresholdOfAll = 5;

    [Theory]
    [InlineData("vit-tiny")]
    [InlineData("gpt2-tiny")]
    [InlineData("silu-gelu-cnn")]
    public void The_loss_is_exact_and_gradients_are_unbiased(string name)
    {
        var zoo = ZooGraph.Open("small", name);
        var settings = new SessionSettings { Threads = 1 };
        using var feeds = zoo.Feeds(step: 0);
        using var reference = new GradientSource(zoo.Model, zoo.Parameters(), zoo.Signature.LossOutput, settings);
        var exact = reference.Run(feeds.Values);
        var options = new RewriteOptions { Runtime = TargetRuntime.Stock, MinimumBytes = 0 };
        var coded = TrainingGraphRewriter.RewriteFile(zoo.Artifacts.TrainingModel, options).Pairs.Select(
            pair => pair.Plan)
            .Where(plan => plan.Derivative is not null && plan.Format is null).Select(plan => plan.Tensor.Value.Name)
                .ToList();
        var rewritten = TrainingGraphRewriter.RewriteFile(
            zoo.Artifacts.TrainingModel, options with { Include = coded });
        rewritten.Model.Graph.Nodes.Should().Contain(node => node.Operator == PackOperators.ActivationGradFromCodes);
        using var source = new GradientSource(rewritten.Model, zoo.Parameters(), zoo.Signature.LossOutput, settings);

        var tests = exact.Gradients.ToDictionary(
            pair => pair.Key, pair => new BiasTest(Array.ConvertAll(pair.Value, x => (double)x)));
        for (var draw = 0; draw < Draws; draw++)
        {
            var (loss, gradients) = source.Run(feeds.Values);
            loss.Should().Be(exact.Loss);
            foreach (var (parameter, test) in tests) test.Add(Array.ConvertAll(gradients[parameter], x => (double)x));
        }

        tests.Values.Max(test => test.LargestZ).Should()
            .BePositive("the gradients are noisy").And.BeLessThan(ThresholdOfAll);
    }
}
