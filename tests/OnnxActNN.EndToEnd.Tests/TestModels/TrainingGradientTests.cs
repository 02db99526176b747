using FluentAssertions;
using OnnxActNN.CustomOps;
using OnnxActNN.Rewriter;
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
        var losses = Train("residual", steps: 100, new SessionSettings { Threads = 1 });

        losses[^1].Should().BeLessThan(0.5f * losses[0]);
    }

    [Fact]
    public void Written_activations_train_with_codes_of_their_derivatives()
    {
        var original = Train("written-activations", steps: 40, new SessionSettings { Threads = 1 });
        var rewritten = Train(
            "written-activations", steps: 40,
            new SessionSettings { Threads = 1, Configure = options => options.RegisterOnnxActNN() },
            path => TrainingGraphRewriter.RewriteFile(path, new RewriteOptions { MinimumBytes = 0 }).Save(path));

        rewritten[0].Should().Be(original[0], "the forward pass is the same");
        original[^1].Should().BeLessThan(0.9f * original[0]);
        rewritten[^1].Should().BeInRange(original[^1] - 0.1f * original[0], original[^1] + 0.1f * original[0]);
    }

    private static List<float> Train(string name, int steps, SessionSettings settings, Action<string>? change = null)
    {
        TrainingRuntime.Require();
        var model = TestModelCatalog.Find(name);
        using var folder = new TempFolder();
        TestModelFiles.Write(model, folder.Path, batch: 16);
        CheckpointWriter.WriteFile(TestModelRun.CheckpointOf(model), folder.PathTo("checkpoint"));
        change?.Invoke(TrainingArtifacts.Find(folder.Path).TrainingModel);
        var entry = ZooEntry.ReadFile(folder.PathTo(TestModelFiles.Entry));
        var signature = TrainingSignature.Read(model.Build().Graph, entry.InputNames, lossName: entry.LossOutput);
        using var feeds = new FeedBatch(signature.Data, entry, entry.ExampleDimensions, step: 0);
        using var run = new TrainingRun(TrainingArtifacts.Find(folder.Path), settings, entry.LossOutput);

        var losses = new List<float>();
        for (var step = 0; step < steps; step++)
        {
            losses.Add(run.Step(feeds.InOrder(run.InputNames)));
            run.OptimizerStep();
        }
        return losses;
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
