using System.Globalization;
using FluentAssertions;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.Testing;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Lowering;

/// <summary>Lowered training graphs give the gradients of the originals, both on ONNX Runtime 1.19.2.</summary>
public sealed class LoweredGradientTests
{
    /// <summary>Relative: the loss is a sum of float32 terms that both graphs add in nearly the same order.</summary>
    private const float LossTolerance = 1e-6f;

    private static readonly SessionSettings Settings = new() { Threads = 1 };

    public static TheoryData<string> Entries() => [.. ZooGraph.SmallNames.DefaultIfEmpty("lenet")];

    [Theory]
    [MemberData(nameof(Entries))]
    public void Gradients_are_those_of_the_original(string name)
    {
        TrainingRuntime.Require();
        var zoo = ZooGraph.Open("small", name);
        Assert.SkipUnless(zoo.Entry.Runs, "1.19.2 has no kernels for the original");
        Assert.SkipWhen(zoo.Entry.HasDropout, "the graph draws random numbers");
        using var original =
            new GradientReader(new GraphRun(zoo.Artifacts.TrainingModel, Settings), zoo.Signature, zoo.Parameters());
        using var feeds = zoo.Feeds(step: 0);
        var expectedLoss = original.Run(feeds.Values);

        var (loss, gradients) =
            LoweredStep.Run(zoo, GraphLowering.LowerFile(zoo.Artifacts.TrainingModel).ToBytes(), Settings);

        loss.Should().BeApproximately(expectedLoss, LossTolerance * expectedLoss);
        var worst = GradientComparison.Worst(gradients, original.Gradients);
        TestContext.Current.SendDiagnosticMessage(
            string.Create(CultureInfo.InvariantCulture, $"{name} {worst:0.0000}"));
        worst.Should().BeLessThan(1);
    }
}
