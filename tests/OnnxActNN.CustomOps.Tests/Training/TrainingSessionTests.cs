using System.Text.Json;
using FluentAssertions;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.CustomOps.Tests.Interop;
using OnnxActNN.Format;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Plans;
using OnnxActNN.Testing;
using OnnxActNN.Training;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Optimizers;
using Xunit;
using TrainingSession = OnnxActNN.Training.TrainingSession;

namespace OnnxActNN.CustomOps.Tests.Training;

/// <summary>Our training session on the current ONNX Runtime follows what the last release with training did.</summary>
[Collection(SessionCollection.Name)]
public sealed class TrainingSessionTests(ITestOutputHelper output)
{
    /// <summary>Of the loss at any of ten steps, relative: other kernels sum in another order.</summary>
    private const double Tolerance = 1e-3;

    /// <summary>
    /// These amplify rounding from step to step (notes of the zoo): only their first loss is comparable.
    /// </summary>
    private static readonly HashSet<string> Amplifying =
        ["resnet-tiny", "mobilenet-tiny", "densenet-tiny", "groupnorm-tiny"];

    private static readonly TrainingSessionOptions Options = new() { Session = SessionTraining.OneThread };

    public static TheoryData<string> Entries() => [.. ZooGraph.SmallNames.DefaultIfEmpty("lenet")];

    [Theory]
    [MemberData(nameof(Entries))]
    public void Ten_steps_of_AdamW_are_those_recorded(string name)
    {
        var zoo = ZooGraph.Open("small", name);
        using var session = new TrainingSession(zoo.Folder, Options);

        var losses = session.Train(zoo, steps: 10);

        losses.Should().OnlyContain(loss => double.IsFinite(loss));
        if (zoo.Entry.HasDropout || !zoo.Oracle().TryGetProperty("losses", out var recorded)
            || recorded.ValueKind != JsonValueKind.Array)
        {
            output.WriteLine($"{name}: {string.Join(' ', losses)}");
            losses[^1].Should().NotBe(losses[0]);
            return;
        }
        var difference = SessionTraining.LargestDifference(losses, zoo.RecordedLosses());
        output.WriteLine($"{name}: largest relative difference {difference:E2}");
        var compared = Amplifying.Contains(name) ? 1 : losses.Count;
        SessionTraining.LargestDifference(losses.Take(compared), zoo.RecordedLosses()).Should().BeLessThan(Tolerance);
    }

    [Theory]
    [MemberData(nameof(Entries))]
    public void Evaluation_losses_are_those_recorded(string name)
    {
        var zoo = ZooGraph.Open("small", name);
        using var session = new TrainingSession(zoo.Folder, Options);
        using var feeds = zoo.Feeds(step: 0);
        var expected = zoo.Oracle().GetProperty("eval_loss_step0_torch").GetDouble();

        using var outputs = session.EvalStep(feeds.InOrder(session.InputNames(training: false)));

        double loss = outputs[0].GetTensorDataAsSpan<float>()[0];
        loss.Should().BeApproximately(expected, 1e-4 * expected);
    }

    [Fact]
    public void Packed_in_two_bits_a_batch_is_learnt()
    {
        const int Steps = 100;
        var zoo = ZooGraph.Open("small", "lenet");
        using var exact = new TrainingSession(zoo.Folder, Options);
        using var packed =
            new TrainingSession(zoo.Folder, Options with { Rewrite = new RewriteOptions { MinimumBytes = 0 } });
        using var feeds = zoo.Feeds(step: 0);

        var (exactLosses, packedLosses) = (Learn(exact, feeds, Steps), Learn(packed, feeds, Steps));

        packed.PackingReport!.Rows.Should().Contain(row => row.StoredBytes == null || row.StoredBytes < row.Bytes);
        packedLosses[0].Should().Be(exactLosses[0], "the forward pass reads exact values");
        packedLosses.Should().NotEqual(exactLosses, "the backward pass reads packed ones");
        packedLosses[^1].Should().BeLessThan(0.5f * packedLosses[0]);
    }

    [Theory]
    [InlineData(WidthOrder.RelativeRange)]
    [InlineData(WidthOrder.RelativeSample)]
    public void With_widths_by_group_or_sample_a_network_with_normalizations_learns_as_without(WidthOrder order)
    {
        const int Steps = 100;
        var zoo = ZooGraph.Open("small", "cnn-bn");
        var rewrite = new RewriteOptions { MinimumBytes = 0 };
        var coded = TrainingGraphRewriter.Rewrite(ModelReader.ReadFile(zoo.Artifacts.TrainingModel), rewrite)
            .Report.Rows.Where(row => row.Decision == StorageDecision.Quantize);
        // 2 bits on average, from 1 to 8; where three levels are the least, 2.3.
        var plan = BitPlan.Of(
            coded.Select(row => new PlannedTensor
            {
                Name = row.Name,
                Decision = StorageDecision.Quantize,
                Levels = 2,
                WidthShares = [128, 43, 10],
                WidthOrder = order,
            }),
            ModelFingerprint.Of(zoo.Model));
        using var exact = new TrainingSession(zoo.Folder, Options);
        using var packed = new TrainingSession(zoo.Folder, Options with { Rewrite = rewrite with { Plan = plan } });
        using var feeds = zoo.Feeds(step: 0);

        var (exactLosses, packedLosses) = (Learn(exact, feeds, Steps), Learn(packed, feeds, Steps));

        output.WriteLine($"{exactLosses[0]} to {exactLosses[^1]}; {packedLosses[^1]} with widths by {order}");
        packedLosses[0].Should().Be(exactLosses[0], "the forward pass reads exact values");
        packedLosses.Should().NotEqual(exactLosses, "the backward pass reads packed ones");
        packedLosses[^1].Should().BeLessThan(0.5f * packedLosses[0]);
    }

    [Fact]
    public void Gradients_add_up_until_they_are_reset()
    {
        var zoo = ZooGraph.Open("small", "lenet");
        using var session = new TrainingSession(zoo.Folder, Options);
        var single = new List<Dictionary<string, float[]>>();
        for (var step = 0; step < 3; step++)
        {
            using var feeds = zoo.Feeds(step);
            session.LazyResetGrad();
            session.Loss(feeds);
            single.Add(session.CopyGradients());
        }
        var withoutSum = session.Memory.Gradients;

        session.LazyResetGrad();
        for (var step = 0; step < 3; step++)
        {
            using var feeds = zoo.Feeds(step);
            session.Loss(feeds);
        }

        foreach (var (name, sum) in session.CopyGradients())
            sum.Should().Equal(
                single[0][name].Zip(single[1][name], (x, y) => x + y).Zip(single[2][name], (x, y) => x + y));
        session.Memory.Gradients.Should().Be(2 * withoutSum, "the sum needs a second block");
    }

    [Fact]
    public void The_gradient_is_scaled_down_to_the_largest_norm()
    {
        const float Largest = 0.05f;
        const float Rate = 0.5f;
        var zoo = ZooGraph.Open("small", "lenet");
        using var session = new TrainingSession(
            zoo.Folder, Options with { LargestGradientNorm = Largest, Optimizer = new Sgd() });
        using var feeds = zoo.Feeds(step: 0);
        session.SetLearningRate(Rate);
        session.Loss(feeds);
        var gradients = session.CopyGradients();
        var before = session.Parameters.Names.ToDictionary(name => name, name => session.Parameters[name].ToArray());
        var norm = Math.Sqrt(gradients.Values.SelectMany(gradient => gradient).Sum(x => (double)x * x));

        session.OptimizerStep();

        norm.Should().BeGreaterThan(2 * Largest, "otherwise nothing is scaled");
        session.LastGradientNorm.Should().BeApproximately(norm, 1e-5 * norm);
        var factor = Largest / (norm + 1e-6);
        foreach (var (name, values) in before)
        {
            var expected = values.Zip(gradients[name], (w, g) => (float)(w - Rate * factor * g));
            session.Parameters[name].ToArray().Should()
                .Equal(expected, (actual, want) => Math.Abs(actual - want) <= 1e-6f);
        }
    }

    [Fact]
    public void Gradients_may_be_changed_between_the_steps()
    {
        var zoo = ZooGraph.Open("small", "mlp");
        using var session = new TrainingSession(zoo.Folder, Options with { Optimizer = new Sgd() });
        using var feeds = zoo.Feeds(step: 0);
        session.Loss(feeds);
        var before = session.Parameters.Flat.ToArray();
        session.BeforeOptimizerStep = (_, gradients) => gradients.Flat.Span.Clear();

        session.OptimizerStep();

        session.Parameters.Flat.ToArray().Should().Equal(before, "the gradients were cleared");
    }

    [Fact]
    public void A_run_goes_on_from_its_checkpoint_as_if_uninterrupted()
    {
        var zoo = ZooGraph.Open("small", "lenet");
        using var folder = new TempFolder();
        var path = folder.PathTo("checkpoint");
        using var whole = new TrainingSession(zoo.Folder, Options);
        var expected = whole.Train(zoo, steps: 10);
        using (var first = new TrainingSession(zoo.Folder, Options))
        {
            first.Train(zoo, steps: 5);
            first.Properties.Integers["epoch"] = 3;
            first.SaveCheckpoint(path);
        }

        using var second = new TrainingSession(
            CheckpointReader.ReadFile(path), zoo.Artifacts.TrainingModel,
            optimizerModelPath: zoo.Artifacts.OptimizerModel, options: Options);

        second.Step.Should().Be(5);
        second.Properties.Integers["epoch"].Should().Be(3);
        second.Train(zoo, steps: 5, firstStep: 5).Should().Equal(expected.Skip(5));
    }

    [Fact]
    public void An_exported_graph_gives_logits_of_the_evaluated_loss()
    {
        const string Logits = "output"; // A value within the evaluation graph.
        const int Classes = 10;
        var zoo = ZooGraph.Open("small", "lenet");
        using var folder = new TempFolder();
        using var session = new TrainingSession(zoo.Folder, Options);
        session.Train(zoo, steps: 2);
        using var feeds = zoo.Feeds(step: 0);
        using var evaluated = session.EvalStep(feeds.InOrder(session.InputNames(training: false)));

        session.ExportModelForInferencing(folder.PathTo("inference.onnx"), [Logits]);

        using var inference = new InferenceSession(folder.PathTo("inference.onnx"));
        inference.InputNames.Should().Equal("input");
        using var run = new RunOptions();
        using var outputs = inference.Run(run, ["input"], [feeds.Values["input"]], [Logits]);
        var logits = outputs[0].GetTensorDataAsSpan<float>().ToArray().Chunk(Classes).ToList();
        var labels = feeds.Values["labels"].GetTensorDataAsSpan<long>().ToArray();
        var loss = logits.Zip(labels, (row, label) => Math.Log(row.Sum(x => Math.Exp(x))) - row[label]).Average();
        ((double)evaluated[0].GetTensorDataAsSpan<float>()[0]).Should().BeApproximately(loss, 1e-5);
    }

    [Fact]
    public void Buffers_are_counted()
    {
        var zoo = ZooGraph.Open("small", "lenet");
        using var session = new TrainingSession(zoo.Folder, Options);
        session.Memory.Optimizer.Should().Be(0);
        session.Train(zoo, steps: 1);
        const long Least = 61706 * sizeof(float); // Trained elements, by the entry.
        session.Memory.Parameters.Should().BeInRange(Least, Least + 11 * 64);
        session.Memory.Gradients.Should().Be(session.Memory.Parameters);
        session.Memory.Optimizer.Should().Be(2 * session.Memory.Parameters);
    }

    [Fact]
    public void Running_statistics_follow_the_batches_and_are_saved()
    {
        const string Mean = "0.1.running_mean", Variance = "0.1.running_var";
        var zoo = ZooGraph.Open("small", "cnn-bn");
        using var session = new TrainingSession(zoo.Folder, Options);
        using var feeds = zoo.Feeds(step: 0);
        float EvalLoss(TrainingSession of)
        {
            using var outputs = of.EvalStep(feeds.InOrder(of.InputNames(training: false)));
            return outputs[0].GetTensorDataAsSpan<float>()[0];
        }
        var before = EvalLoss(session);
        CheckpointTensor Saved(string name) => session.ToCheckpoint().Frozen.Single(tensor => tensor.Name == name);
        var start = Saved(Variance).AsFloats().ToArray();

        var trained = session.Loss(feeds);
        var first = Saved(Variance).AsFloats().ToArray();
        for (var step = 0; step < 200; step++) session.Loss(feeds);

        var last = Saved(Variance).AsFloats().ToArray();
        // v₁ = 0.9·v₀ + 0.1·b gives the batch's variance b, at which the average of equal batches arrives.
        var batch = first.Zip(start, (v1, v0) => (v1 - 0.9f * v0) / 0.1f);
        last.Should().Equal(batch, (actual, want) => Math.Abs(actual - want) <= 1e-4f * Math.Max(1, want)).And.NotEqual(
            start);
        Saved(Mean).AsFloats().ToArray().Should().Contain(x => x != 0);
        EvalLoss(session).Should()
            .BeApproximately(trained, 1e-3f * trained, "evaluation then sees what training sees").And.NotBe(before);
        using var second = new TrainingSession(
            session.ToCheckpoint(), zoo.Artifacts.TrainingModel, zoo.Artifacts.EvalModel, zoo.Artifacts.OptimizerModel,
            Options);
        EvalLoss(second).Should().Be(EvalLoss(session));
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        var zoo = ZooGraph.Open("small", "lenet");
        var state = zoo.Parameters();
        var incomplete = state with { Trained = [.. state.Trained.Where(tensor => tensor.Name != "3.bias")] };
        var opening = () => new TrainingSession(incomplete, zoo.Artifacts.TrainingModel);
        opening.Should().Throw<TrainingSessionException>().WithMessage("*'3.bias'*");

        using var session = new TrainingSession(state, zoo.Artifacts.TrainingModel, options: Options);
        session.Invoking(it => it.TrainStep([])).Should().Throw<TrainingSessionException>()
            .WithMessage("*2 inputs (input, labels)*0 were given*");
        session.Invoking(it => it.OptimizerStep()).Should().Throw<TrainingSessionException>()
            .WithMessage("*TrainStep*");
        session.Invoking(it => it.SchedulerStep()).Should().Throw<TrainingSessionException>()
            .WithMessage("*RegisterLinearLRScheduler*");
        session.Invoking(it => it.InputNames(training: false)).Should().Throw<TrainingSessionException>()
            .WithMessage("*eval_model.onnx*");
    }

    private static List<float> Learn(TrainingSession session, FeedBatch feeds, int steps)
    {
        var losses = new List<float>();
        for (var step = 0; step < steps; step++)
        {
            session.LazyResetGrad();
            losses.Add(session.Loss(feeds));
            session.OptimizerStep();
        }
        return losses;
    }
}
