using FluentAssertions;
using OnnxActNN.Format;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Testing;
using OnnxActNN.TestModels;
using OnnxActNN.Tools.Demo;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Gradients;

/// <summary>
/// The relative gradient error E‖Ĝ − G‖² / ‖G‖² at 2 bits, on a step of a residual network with planes of 28, 14 and 7
/// after some hundred steps of training: dither against stochastic rounding, and groups within planes against flat
/// groups.
/// </summary>
public sealed class GradientErrorTests(ITestOutputHelper output)
{
    private const string ModelName = "residual";
    private const int Steps = 200;
    private const int Batch = 64;
    private const int Runs = 24;
    private const int ComparedRuns = 64;

    private static readonly DrawnGarments Images = new(seed: 5);
    private static readonly Dictionary<string, long> Sizes = new() { [TestModel.BatchDimension] = Batch };

    /// <summary>What all tests here look at; to be asked for where this process can train.</summary>
    private static readonly Lazy<(TrainingSignature Signature, Checkpoint Parameters, IReadOnlyList<float> Losses)>
        Trained = new(Train);

    [Fact]
    public void Dither_and_row_groups_have_less_of_it()
    {
        TrainingRuntime.Require();
        using var trained = Open();
        var options = new RewriteOptions { MinimumBytes = 0, GroupSize = 256, Rebuild = RebuildScope.None };
        var best = ErrorOf(trained, options);
        var stochastic = ErrorOf(trained, options with { Rounding = RoundingMode.Stochastic });
        var flat = ErrorOf(trained, options with { Layout = GroupLayout.Flat });

        output.WriteLine($"relative gradient error: dither in rows {best:F4}, stochastic in rows {stochastic:F4}, "
            + $"dither in flat groups {flat:F4}");
        output.WriteLine($"dither / stochastic {best / stochastic:F3}, rows / flat {best / flat:F3}");
        (best / stochastic).Should().BeLessThanOrEqualTo(0.6);
        (best / flat).Should().BeLessThanOrEqualTo(0.8);
    }

    /// <summary>
    /// ActNN's code has plain 2 bits for the inputs of convolutions and normalizations in flat groups of 256 with
    /// stochastic rounding, and a mask for Relu.
    /// </summary>
    [Fact]
    public void What_the_defaults_rebuild_has_no_more_of_it_than_ActNN_s_code()
    {
        TrainingRuntime.Require();
        using var trained = Open();
        var chain = new RewriteOptions { MinimumBytes = 0 };
        var actnn = chain with
        {
            Rebuild = RebuildScope.None,
            ZeroExact = false,
            Rounding = RoundingMode.Stochastic,
            Layout = GroupLayout.Flat,
            GroupSize = 256,
        };
        var rows = new (string Name, RewriteOptions Options)[]
        {
            ("ActNN's code", actnn),
            ("the same, dithered", actnn with { Rounding = RoundingMode.Dither }),
            ("zero-exact, rows", chain with { Rebuild = RebuildScope.None }),
            ("rebuilt from one tensor", chain with { Rebuild = RebuildScope.Affine }),
            ("rebuilt through the chain", chain),
        };
        var errors = new Dictionary<string, double>();
        foreach (var (name, options) in rows)
        {
            errors[name] = ErrorOf(trained, options, ComparedRuns);
            var report = trained.Rewrite(
                options with { Dimensions = new Dictionary<string, long> { ["batch"] = Batch } }).Report;
            output.WriteLine($"{name,-26} relative gradient error {errors[name]:F4}, saved bytes / {report.Ratio:F1}");
        }

        errors["rebuilt through the chain"].Should().BeLessThanOrEqualTo(errors["ActNN's code"]);
        errors["rebuilt from one tensor"].Should()
            .BeLessThanOrEqualTo(errors["rebuilt through the chain"] * 1.05, "the chain adds noise");
    }

    private static double ErrorOf(GradientCase trained, RewriteOptions options, int runs = Runs)
    {
        var norm = trained.Exact.Values.Sum(gradient => gradient.Sum(x => x * x));
        return trained.Sample(trained.Rewrite(options).ToBytes(), runs).Average(draw =>
            draw.Sum(gradient => gradient.Value.Zip(trained.Exact[gradient.Key], (a, b) => (a - b) * (a - b)).Sum()))
                / norm;
    }

    private GradientCase Open()
    {
        var (signature, parameters, losses) = Trained.Value;
        output.WriteLine($"loss {losses[0]:F3} to {losses.TakeLast(10).Average():F3} in {Steps} steps");
        losses.TakeLast(10).Average().Should()
            .BeLessThan(0.6f * losses[0], "the network is to be one that has learnt something");
        return new GradientCase(
            TestModelCatalog.Find(ModelName).Build(), signature, parameters,
            new FeedBatch(signature.Data, Images, Sizes, Steps));
    }

    /// <summary>On one thread, so that every machine gets the same network.</summary>
    private static (TrainingSignature Signature, Checkpoint Parameters, IReadOnlyList<float> Losses) Train()
    {
        var model = TestModelCatalog.Find(ModelName);
        using var folder = new TempFolder();
        TestModelFiles.Write(model, folder.Path, Batch);
        CheckpointWriter.WriteFile(TestModelRun.CheckpointOf(model), folder.PathTo("checkpoint"));
        var signature = TrainingSignature.Read(
            model.Build().Graph, model.Inputs.Select(input => input.Name).ToHashSet(), lossName: model.LossOutput);
        var saved = folder.PathTo("trained");
        var losses = new List<float>();
        var settings = new SessionSettings { Threads = 1 };
        using (var run = new TrainingRun(TrainingArtifacts.Find(folder.Path), settings, model.LossOutput))
        {
            for (var step = 0; step < Steps; step++)
            {
                using var feeds = new FeedBatch(signature.Data, Images, Sizes, step);
                losses.Add(run.Step(feeds.InOrder(run.InputNames)));
                run.OptimizerStep();
            }
            run.SaveCheckpoint(saved, withOptimizer: false);
        }
        return (signature, CheckpointReader.ReadFile(saved), losses);
    }
}
