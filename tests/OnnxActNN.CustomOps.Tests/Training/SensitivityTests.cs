using FluentAssertions;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Plans;
using OnnxActNN.Rewriter.Sensitivity;
using OnnxActNN.Testing;
using OnnxActNN.Training.Gradients;
using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Profiling;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Training;

/// <summary>What a profile predicts of a tensor's noise is what packing it does, for each kind of reader.</summary>
public sealed class SensitivityTests(ITestOutputHelper output)
{
    private const int Draws = 24;

    private const int Probes = 8;

    /// <summary>Of the tensors; with so few draws of heavy-tailed noise some numbers are off by a half.</summary>
    private const double LeastShare = 0.8;

    [Theory]
    [InlineData("cnn-bn")]
    [InlineData("vit-tiny")]
    [InlineData("bert-tiny")]
    [InlineData("bert-tiny-dropout")]
    public void Prediction_and_measurement_agree_in_each_class_of_readers(string name)
    {
        var inputs = Open(name);
        var request = new ProfileRequest
        {
            Steps = 1,
            Draws = Draws,
            Probes = Probes,
            Rewrite = new RewriteOptions { MinimumBytes = 0, Dimensions = inputs.Dimensions },
            Session = new SessionSettings { Threads = 1 },
        };
        var rows = SensitivityComparison.Of(Open(name).Model, ProfileRunner.Run(inputs, request));

        rows.Should().NotBeEmpty();
        foreach (var row in rows) output.WriteLine($"{row.Name} ({row.Readers}): {row.Ratio:F2}");
        foreach (var readers in rows.GroupBy(row => row.Readers))
        {
            var median = readers.Select(row => row.Ratio).Order().ElementAt(readers.Count() / 2);
            median.Should().BeInRange(0.5, 2, readers.Key);
        }
        ((double)rows.Count(row => row.IsClose)).Should().BeGreaterThanOrEqualTo(LeastShare * rows.Count);
    }

    [Fact]
    public void A_graph_with_probes_that_are_off_gives_the_same_gradients()
    {
        var inputs = Open("resnet-tiny");
        var model = ModelReader.Read(ModelWriter.Write(inputs.Model));
        var probes = TrainingGraphProber.Insert(model, new RewriteOptions { MinimumBytes = 0 });
        using var feeds = inputs.Feeds(step: 0);
        using var off = Microsoft.ML.OnnxRuntime.OrtValue.CreateTensorValueFromMemory(new[] { 0f }, []);
        using var original =
            new GradientSource(
                inputs.Model, inputs.Parameters, inputs.Signature.LossOutput, new SessionSettings { Threads = 1 });
        using var probed =
            new GradientSource(
                model, inputs.Parameters, inputs.Signature.LossOutput, new SessionSettings { Threads = 1 });
        var data = feeds.Values.ToDictionary();
        foreach (var probe in probes) data[probe.Strength] = off;
        var (loss, gradients) = original.Run(feeds.Values);
        var (probedLoss, same) = probed.Run(data);

        probes.Should().NotBeEmpty();
        probedLoss.Should().Be(loss);
        foreach (var (parameter, gradient) in gradients) same[parameter].Should().Equal(gradient, parameter);
    }

    /// <summary>
    /// A plan counts from what it chose, this from the packs of the graph that came of it, with what is rebuilt.
    /// </summary>
    [Theory]
    [InlineData("resnet-tiny")]
    [InlineData("mobilenet-tiny")]
    public void The_packs_of_a_graph_tell_the_variance_that_its_plan_predicts(string name)
    {
        var inputs = Open(name);
        var original = ModelWriter.Write(inputs.Model);
        var options = new RewriteOptions { MinimumBytes = 0, Dimensions = inputs.Dimensions };
        var request = new ProfileRequest
        {
            Steps = 1,
            Probes = 0,
            Rewrite = options,
            Session = new SessionSettings { Threads = 1 },
        };
        var profile = ProfileRunner.Run(inputs, request);
        var plan = TrainingGraphPlanner.Plan(original, new PlanRequest
        {
            Budget = new PlanBudget(BudgetKind.AverageBits, 2),
            Profile = profile,
            Rewrite = options,
        });
        var rewritten = TrainingGraphRewriter.Rewrite(original, options with { Plan = plan });

        var predicted = PredictedVariance.Of(ModelReader.Read(original), rewritten.Model, profile)!.Value;
        (predicted / profile.Parameters.Sum(parameter => parameter.GradientSquares)).Should()
            .BeApproximately(plan.RelativeVariance!.Value, 1e-9);
    }

    /// <summary>Rebuilding is a choice: a plan that may take it is no worse than one that may not.</summary>
    [Theory]
    [InlineData("frozen-backbone", 1.5)]
    [InlineData("cnn-bn", 1.75)]
    [InlineData("cnn-bn", 3)]
    public void A_plan_that_may_rebuild_adds_no_more_variance(string name, double bits)
    {
        var inputs = Open(name);
        var options = new RewriteOptions { MinimumBytes = 0, Dimensions = inputs.Dimensions };
        var original = ModelWriter.Write(inputs.Model);
        var profile = ProfileRunner.Run(inputs, new ProfileRequest { Steps = 1, Probes = 2, Rewrite = options });

        VarianceOf(options).Should()
            .BeLessThanOrEqualTo(VarianceOf(options with { Rebuild = RebuildScope.None }) * (1 + 1e-9));

        double VarianceOf(RewriteOptions rewrite) => TrainingGraphPlanner.Plan(original, new PlanRequest
        {
            Budget = new PlanBudget(BudgetKind.AverageBits, bits),
            Profile = profile,
            Rewrite = rewrite,
            Exact = true,
        }).RelativeVariance!.Value;
    }

    private static MeasureInputs Open(string name)
    {
        var folder = SharedFolder.PathTo("models", "zoo", "small", name);
        return new MeasureInputs(new MeasureRequest
        {
            Model = Path.Combine(folder, "training_model.onnx"),
            Entry = Path.Combine(folder, "entry.json"),
        });
    }
}
