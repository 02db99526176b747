using FluentAssertions;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Plans;
using OnnxActNN.Testing;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Gradients;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Gradients;

/// <summary>
/// The relative gradient error E‖Ĝ − G‖² / ‖G‖² and the largest z of a bias, code by code, on transformers that have
/// learnt a few batches by heart, in ONNX Runtime's own training build.
/// </summary>
public sealed class AttentionGradientTests(ITestOutputHelper output)
{
    private const int Draws = 128;
    private const int MostSteps = 150;

    /// <summary>
    /// Of the first loss: an attention that has learnt something, and gradients that are not yet all of one sample.
    /// </summary>
    private const float Learnt = 0.5f;

    private const int Batches = 4;

    /// <summary>
    /// Some forty parameters with nine projections each, for a dozen codes: beyond 5 none is by chance.
    /// </summary>
    private const double ThresholdOfAll = 5;

    [Theory]
    [InlineData("bert-tiny")]
    [InlineData("gpt2-tiny")]
    [InlineData("vit-tiny")]
    public void Codes_of_probabilities_are_unbiased(string name)
    {
        TrainingRuntime.Require();
        using var trained = Train(name);
        var saved = TrainingGraph.Prepare(trained.Copy()).Saved;
        var (weights, contexts) = (NamesOf(saved, ReaderKind.Weights), NamesOf(saved, ReaderKind.RowSum));
        var losses = NamesOf(saved, ReaderKind.LossProbabilities);

        foreach (var levels in new[] { 4, 8, 16, 256 })
            Check(trained, $"weights, {levels} levels", weights, levels, isUnbiased: true);
        foreach (var levels in new[] { 4, 8, 16 })
            Check(trained, $"context, {levels} levels", contexts, levels, isUnbiased: true);
        foreach (var levels in new[] { 4, 16, 256 })
            Check(trained, $"loss, {levels} levels", losses, levels, isUnbiased: true);
        var defaults = Check(
            trained, "all three, as by default", [.. weights, .. contexts, .. losses], 0, isUnbiased: true);
        Check(trained, "everything, as by default", [], 0, isUnbiased: false);

        defaults.Should().BeLessThan(0.05);
    }

    private double Check(GradientCase trained, string row, IReadOnlyList<string> names, int levels, bool isUnbiased)
    {
        var options = new RewriteOptions
        {
            MinimumBytes = 0,
            Include = names,
            Dimensions = trained.Dimensions,
            Plan = levels == 0 ? null : PlanOf(trained, names, levels),
        };
        var result = trained.Rewrite(options);
        if (!result.Pairs.Any(pair => pair.Store.Decision == StorageDecision.Quantize))
        {
            output.WriteLine($"{row,-28} too small to be packed");
            return 0;
        }
        var noise = new GradientNoise(
            trained.Exact.ToDictionary(pair => pair.Key, pair => Array.ConvertAll(pair.Value, x => (float)x)));
        var tests = trained.Exact.ToDictionary(pair => pair.Key, pair => new BiasTest(pair.Value));
        double squares = 0;
        foreach (var draw in trained.Sample(result.ToBytes(), Draws))
        {
            foreach (var (parameter, gradient) in draw)
            {
                tests[parameter].Add(gradient);
                squares += gradient.Zip(trained.Exact[parameter], (a, b) => (a - b) * (a - b)).Sum();
            }
            noise.Add(draw.ToDictionary(pair => pair.Key, pair => Array.ConvertAll(pair.Value, x => (float)x)));
        }
        var (error, z) = (squares / Draws / noise.SquaredNorm, tests.Values.Max(test => test.LargestZ));
        var bias = Math.Sqrt(noise.SquaredBias / noise.SquaredNorm);
        output.WriteLine(
            $"{row,-28} error {error:E2}  largest z {z:F1}  bias {bias:F4}  saved bytes / {result.Report.Ratio:F1}");
        if (isUnbiased) z.Should().BeLessThan(ThresholdOfAll, "{0} are unbiased", row);
        return error;
    }

    private static BitPlan PlanOf(GradientCase trained, IReadOnlyList<string> names, int levels) => new()
    {
        Model = ModelFingerprint.Of(trained.Copy()),
        Budget = new PlanBudget(BudgetKind.AverageBits, 8),
        Verdict = PlanVerdict.Fits,
        Tensors = [
            .. names.Select(
                name => new PlannedTensor { Name = name, Decision = StorageDecision.Quantize, Levels = levels })],
    };

    private static List<string> NamesOf(IReadOnlyList<SavedTensor> saved, ReaderKind kind) =>
        [.. saved.Where(tensor => tensor.Consumers.Any(consumer => consumer.Kind == kind))
            .Select(tensor => tensor.Value.Name)];

    private GradientCase Train(string name)
    {
        var zoo = ZooGraph.Open("small", name);
        using var folder = new TempFolder();
        var path = folder.PathTo("trained");
        var losses = new List<float>();
        using (var run = new TrainingRun(zoo.Artifacts, new SessionSettings { Threads = 1 }, zoo.Entry.LossOutput))
        {
            for (var step = 0;
                step < MostSteps && (losses.Count < Batches
                || losses.TakeLast(Batches).Average() > Learnt * losses[0]); step++)
            {
                using var feeds = zoo.Feeds(step % Batches);
                losses.Add(run.Step(feeds.InOrder(run.InputNames)));
                run.OptimizerStep();
            }
            run.SaveCheckpoint(path, withOptimizer: false);
        }
        output.WriteLine(
            FormattableString.Invariant(
                $"{name}: loss {losses[0]:F3} to {losses.TakeLast(Batches).Average():F3} in {losses.Count} steps"));
        return new GradientCase(zoo.Model, zoo.Signature, CheckpointReader.ReadFile(path), zoo.Feeds(step: 0))
        {
            Dimensions = zoo.Entry.ExampleDimensions,
        };
    }
}
