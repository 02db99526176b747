using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Training.Measurement;

/// <summary>
/// Runs training steps and measures them, in this process. A process measures one request: its peak of resident memory, and the choice
/// of the native library, are for its whole life.
/// </summary>
/// <param name="configure">Registers custom operators with the session's options.</param>
/// <param name="passThroughCopies">Counts the pass-throughs that copied, since the process started.</param>
internal sealed class MeasureRunner(Action<SessionOptions>? configure = null, Func<long>? passThroughCopies = null)
{
    /// <summary>Losses, time and memory.</summary>
    public StepMeasurement MeasureSteps(MeasureRequest request)
    {
        ProcessMemory.PreferMappings();
        var inputs = new MeasureInputs(request);
        if (OrtLibrary.HasTraining) TrainingUtils.SetSeed((long)request.Seed);
        using var folder = new TemporaryFolder();
        using IStepper stepper = request.Runtime == MeasureRuntime.Training
            ? OpenTraining(request, inputs, folder)
            : OpenPlain(request, inputs);
        var (losses, times) = (new List<double>(), new List<double>());
        var peak = stepper.Peak;
        long? bytes = null;
        for (var step = 0; step <= request.Steps; step++)
        {
            using var feeds = inputs.Feeds(step);
            peak.Start();
            var watch = Stopwatch.StartNew();
            losses.Add(stepper.Step(feeds));
            watch.Stop();
            // The first step touches memory that stays: gradient buffers, optimizer state, thread stacks.
            if (step == 0) continue;
            times.Add(watch.Elapsed.TotalMilliseconds);
            if (peak.Read() is { } read) bytes = Math.Max(bytes ?? 0, read);
        }
        return new StepMeasurement
        {
            Losses = losses,
            StepMilliseconds = times,
            PeakBytes = bytes,
            IsExactPeak = peak.IsExact,
            PassThroughCopies = passThroughCopies?.Invoke() ?? 0,
        };
    }

    /// <summary>Executed order and liveness; runs the graph in a plain session under the profiler, whatever the runtime.</summary>
    public ExecutionMeasurement MeasureExecution(MeasureRequest request)
    {
        var inputs = new MeasureInputs(request);
        using var folder = new TemporaryFolder();
        NodeNames.MakeUnique(inputs.Model.Graph);
        var (named, optimized) = (folder.PathOf("named.onnx"), folder.PathOf("optimized.onnx"));
        ModelWriter.WriteFile(inputs.Model, named);
        var settings = Settings(request) with { ProfilePrefix = folder.PathOf("profile"), OptimizedModelPath = optimized };
        using var run = new GradientReader(new GraphRun(named, settings), inputs.Signature, inputs.Parameters);
        using (var feeds = inputs.Feeds(step: 0)) run.Run(feeds.Values);
        var profile = ExecutionProfile.ReadFile(run.EndProfiling());
        var executed = new ExecutedGraph(inputs.Model.Graph, inputs.Signature.LossOutput, ModelReader.ReadFile(optimized).Graph, profile.Runs[0]);
        var peak = executed.Timeline.Peak();
        return new ExecutionMeasurement
        {
            SavedBytes = executed.SavedBytes,
            PeakLivenessBytes = peak.Bytes,
            PeakNode = profile.Runs[0][peak.Step].Node,
            PacksBeforeUnpacks = ExecutionProfile.PacksBeforeUnpacks(profile.Runs[0]),
            Kernels = profile.Runs[0].Count,
        };
    }

    private SessionSettings Settings(MeasureRequest request) =>
        new() { Threads = request.Threads, Arena = request.Arena, Configure = configure };

    private TrainingStepper OpenTraining(MeasureRequest request, MeasureInputs inputs, TemporaryFolder folder)
    {
        var artifacts = inputs.Artifacts;
        if (artifacts.Checkpoint is null)
        {
            artifacts = artifacts with { Checkpoint = folder.PathOf("checkpoint") };
            CheckpointWriter.WriteFile(inputs.Parameters, artifacts.Checkpoint);
        }
        // The evaluation graph is another session with constants of its own, which no step uses.
        return new TrainingStepper(new TrainingRun(artifacts with { EvalModel = null }, Settings(request), inputs.Signature.LossOutput));
    }

    private PlainStepper OpenPlain(MeasureRequest request, MeasureInputs inputs)
    {
        CountingAllocator.Register();
        var settings = Settings(request) with { SharedAllocator = true };
        return new PlainStepper(
            new GradientReader(new GraphRun(inputs.Artifacts.TrainingModel, settings), inputs.Signature, inputs.Parameters));
    }

    private interface IStepper : IDisposable
    {
        public IPeakCounter Peak { get; }

        public float Step(FeedBatch feeds);
    }

    private sealed class TrainingStepper(TrainingRun run) : IStepper
    {
        public IPeakCounter Peak { get; } = new ProcessPeakCounter();

        public float Step(FeedBatch feeds)
        {
            var loss = run.Step(feeds.InOrder(run.InputNames));
            run.OptimizerStep();
            return loss;
        }

        public void Dispose() => run.Dispose();
    }

    private sealed class PlainStepper(GradientReader run) : IStepper
    {
        public IPeakCounter Peak { get; } = new AllocatorPeakCounter();

        public float Step(FeedBatch feeds) => run.Run(feeds.Values);

        public void Dispose() => run.Dispose();
    }
}
