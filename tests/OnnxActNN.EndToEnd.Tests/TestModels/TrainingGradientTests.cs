using FluentAssertions;
using OnnxActNN.Testing;
using OnnxActNN.TestModels;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.TestModels;

/// <summary>The training graphs of TestModels run where ONNX Runtime trains, and their gradients are right.</summary>
public sealed class TrainingGradientTests
{
    /// <summary>Relative to the gradient's norm: both sides round at other places.</summary>
    private const double Tolerance = 1e-5;

    public static TheoryData<string> TrainingGraphs =>
        [.. TestModelCatalog.All.Where(model => model.Runtime == TestRuntime.Training).Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(TrainingGraphs))]
    public void Gradients_are_slopes_of_the_loss(string name)
    {
        TrainingRuntime.Require();
        using var run = new TestModelRun(TestModelCatalog.Find(name), batch: 16);

        GradientCheck.SlopesAreGradientNorms(
            run, name == "residual" ? GradientCheck.NormalizedTolerance : GradientCheck.Tolerance);
    }

    /// <summary>As many steps as the comparison of gradient errors takes, on one batch.</summary>
    [Fact]
    public void The_residual_network_trains_in_a_training_session()
    {
        TrainingRuntime.Require();
        var model = TestModelCatalog.Find("residual");
        using var folder = new TempFolder();
        TestModelFiles.Write(model, folder.Path, batch: 16);
        CheckpointWriter.WriteFile(TestModelRun.CheckpointOf(model), folder.PathTo("checkpoint"));
        var entry = ZooEntry.ReadFile(folder.PathTo(TestModelFiles.Entry));
        var signature = TrainingSignature.Read(model.Build().Graph, entry.InputNames, lossName: entry.LossOutput);
        using var feeds = new FeedBatch(signature.Data, entry, entry.ExampleDimensions, step: 0);
        using var run = new TrainingRun(TrainingArtifacts.Find(folder.Path), new SessionSettings { Threads = 1 }, entry.LossOutput);

        var losses = new List<float>();
        for (var step = 0; step < 100; step++)
        {
            losses.Add(run.Step(feeds.InOrder(run.InputNames)));
            run.OptimizerStep();
        }

        losses[^1].Should().BeLessThan(0.5f * losses[0]);
    }

    [Theory]
    [InlineData("mlp", "step-mlp")]
    [InlineData("residual-plain", "step-residual")]
    [InlineData("frozen-parts", "step-frozen-parts")]
    [InlineData("shared-tensor", "step-shared-tensor")]
    [InlineData("pooled", "relu-reads-input")]
    public void Gradients_of_two_ways_to_write_a_model_are_equal(string one, string other)
    {
        TrainingRuntime.Require();
        using var first = new TestModelRun(TestModelCatalog.Find(one), batch: 3);
        using var second = new TestModelRun(TestModelCatalog.Find(other), batch: 3);

        var (loss, gradients) = first.Run();
        var (otherLoss, otherGradients) = second.Run();

        loss.Should().Be(otherLoss);
        gradients.Keys.Should().Equal(otherGradients.Keys);
        foreach (var (name, gradient) in gradients)
        {
            var norm = Math.Sqrt(gradient.Sum(x => (double)x * x));
            var distance = Math.Sqrt(gradient.Zip(otherGradients[name], (a, b) => (double)(a - b) * (a - b)).Sum());
            distance.Should().BeLessThan(Tolerance * norm, $"of the gradient of '{name}'");
        }
    }
}
