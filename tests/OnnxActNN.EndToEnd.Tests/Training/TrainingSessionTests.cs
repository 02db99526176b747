using FluentAssertions;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;
using OnnxActNN.Training;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Optimizers;
using OnnxActNN.Training.Runtime;
using Xunit;
using NativeTrainingSession = Microsoft.ML.OnnxRuntime.TrainingSession;
using TrainingSession = OnnxActNN.Training.TrainingSession;

namespace OnnxActNN.EndToEnd.Tests.Training;

/// <summary>
/// Our training session beside ONNX Runtime's own, both on 1.19.2: runs move between them, and they do the same
/// arithmetic.
/// </summary>
public sealed class TrainingSessionTests(ITestOutputHelper output) : IDisposable
{
    private const int Steps = 10;

    /// <summary>Of a loss at any of ten steps, relative; measured are 1e-6 at most.</summary>
    private const double Tolerance = 1e-5;

    private static readonly TrainingSessionOptions Options = new() { Session = SessionTraining.OneThread };

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Entries() => ["lenet", "cnn-bn", "bert-tiny", "frozen-backbone-ckpt"];

    [Theory]
    [MemberData(nameof(Entries))]
    public void Native_training_goes_on_from_our_checkpoint(string name)
    {
        TrainingRuntime.Require();
        var zoo = ZooGraph.Open("small", name);
        var path = _folder.PathTo("ours");
        using (var session = new TrainingSession(zoo.Folder, Options))
        {
            session.Train(zoo, Steps / 2);
            session.SaveCheckpoint(path);
        }

        var losses = TrainNatively(zoo, zoo.Artifacts with { Checkpoint = path }, firstStep: Steps / 2, saveTo: null);

        ShouldFollow(losses, TrainNatively(zoo, zoo.Artifacts, firstStep: 0, saveTo: null, Steps).Skip(Steps / 2));
    }

    [Theory]
    [MemberData(nameof(Entries))]
    public void Our_training_goes_on_from_a_native_checkpoint(string name)
    {
        TrainingRuntime.Require();
        var zoo = ZooGraph.Open("small", name);
        var path = _folder.PathTo("native");
        TrainNatively(zoo, zoo.Artifacts, firstStep: 0, saveTo: path);

        using var session = new TrainingSession(
            CheckpointReader.ReadFile(path), zoo.Artifacts.TrainingModel,
            optimizerModelPath: zoo.Artifacts.OptimizerModel, options: Options);
        session.Step.Should().Be(Steps / 2);
        var losses = session.Train(zoo, Steps / 2, firstStep: Steps / 2);

        ShouldFollow(losses, TrainNatively(zoo, zoo.Artifacts, firstStep: 0, saveTo: null, Steps).Skip(Steps / 2));
    }

    [Theory]
    [InlineData(AdamMode.PyTorch, 0.1f, null)]
    [InlineData(AdamMode.Transformers, 0.1f, null)]
    [InlineData(AdamMode.PyTorch, 0.01f, 0.05f)]
    public void The_optimizer_graph_is_followed(AdamMode mode, float decay, float? largestNorm)
    {
        TrainingRuntime.Require();
        var zoo = ZooGraph.Open("small", "lenet");
        var path = _folder.PathTo("optimizer.onnx");
        ModelWriter.WriteFile(OptimizerModel(mode, decay, largestNorm), path);
        var artifacts = zoo.Artifacts with { OptimizerModel = path };

        using var session =
            new TrainingSession(zoo.Parameters(), artifacts.TrainingModel, optimizerModelPath: path, options: Options);

        ShouldFollow(session.Train(zoo, Steps), TrainNatively(zoo, artifacts, firstStep: 0, saveTo: null, Steps));
        (session.LastGradientNorm is not null).Should().Be(largestNorm is not null);
    }

    [Fact]
    public void The_linear_schedule_is_the_native_one()
    {
        const int Warmup = 3, Total = 8;
        TrainingRuntime.Require();
        var zoo = ZooGraph.Open("small", "mlp");
        using var state = CheckpointState.LoadCheckpoint(zoo.Artifacts.Checkpoint!);
        using var native = new NativeTrainingSession(
            state, zoo.Artifacts.TrainingModel, zoo.Artifacts.EvalModel!, zoo.Artifacts.OptimizerModel!);
        using var ours = new TrainingSession(zoo.Folder, Options);
        ours.GetLearningRate().Should().Be(native.GetLearningRate());
        native.RegisterLinearLRScheduler(Warmup, Total, 0.5f);
        ours.RegisterLinearLRScheduler(Warmup, Total, 0.5f);
        using var feeds = zoo.Feeds(step: 0);
        for (var step = 0; step < Total + 2; step++)
        {
            ours.GetLearningRate().Should().Be(native.GetLearningRate(), $"that is the rate of step {step}");
            native.TrainStep(feeds.InOrder(native.InputNames(training: true))).Dispose();
            native.OptimizerStep();
            native.SchedulerStep();
            ours.Loss(feeds);
            ours.OptimizerStep();
            ours.SchedulerStep();
        }
    }

    [Fact]
    public void Properties_move_both_ways()
    {
        TrainingRuntime.Require();
        var zoo = ZooGraph.Open("small", "mlp");
        var (ours, native) = (_folder.PathTo("ours"), _folder.PathTo("native"));
        using (var session = new TrainingSession(zoo.Folder, Options))
        {
            session.Properties.Integers["epoch"] = 3;
            session.Properties.Strings["name"] = "first";
            session.SaveCheckpoint(ours, includeOptimizerState: false);
        }
        using (var state = CheckpointState.LoadCheckpoint(ours))
        {
            state.GetProperty("epoch").Should().Be(3L);
            state.AddProperty("seen", 1.5f);
            CheckpointState.SaveCheckpoint(state, native);
        }

        using var second =
            new TrainingSession(CheckpointReader.ReadFile(native), zoo.Artifacts.TrainingModel, options: Options);

        second.Properties.Integers["epoch"].Should().Be(3);
        second.Properties.Strings["name"].Should().Be("first");
        second.Properties.Floats["seen"].Should().Be(1.5f);
    }

    public void Dispose() => _folder.Dispose();

    private void ShouldFollow(IEnumerable<double> losses, IEnumerable<double> expected)
    {
        var difference = SessionTraining.LargestDifference(losses, expected);
        output.WriteLine($"largest relative difference {difference:E2}");
        difference.Should().BeLessThan(Tolerance);
    }

    private static List<double> TrainNatively(
        ZooGraph zoo, TrainingArtifacts artifacts, int firstStep, string? saveTo, int steps = Steps / 2)
    {
        using var run = new TrainingRun(artifacts, SessionTraining.OneThread, zoo.Entry.LossOutput);
        var losses = new List<double>();
        for (var step = firstStep; step < firstStep + steps; step++)
        {
            using var feeds = zoo.Feeds(step);
            losses.Add(run.Step(feeds.InOrder(run.InputNames)));
            run.OptimizerStep();
        }
        if (saveTo is not null) run.SaveCheckpoint(saveTo, withOptimizer: true);
        return losses;
    }

    private static Model OptimizerModel(AdamMode mode, float decay, float? largestNorm)
    {
        var model = OptimizerGraph.AdamW();
        var adam = model.Graph.Nodes.First!;
        adam.Attributes.Set("adam_mode", (long)mode);
        adam.Attributes.Set("weight_decay", new AttributeValue.Float(decay));
        adam.Attributes.Set("epsilon", new AttributeValue.Float(1e-4f));
        if (largestNorm is not { } largest) return model;
        var (gradients, clipped) = (adam.Input(3), model.Graph.AddValue("clipped"));
        var clip = GraphEditor.InsertBefore(
            adam, new OperatorId(OperatorId.Microsoft, "InplaceClipGradNorm"), "clip", [gradients], [clipped]);
        clip.Attributes.Set("max_norm", new AttributeValue.Float(largest));
        clip.Attributes.Set("norm_type", "fro");
        adam.SetInput(3, clipped);
        return model;
    }
}
