using Microsoft.ML.OnnxRuntime;
using OnnxActNN.CustomOps;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Training.Measurement;

/// <summary>
/// Runs training steps and measures them, in this process. A process measures one request: its peak of resident memory,
/// and the choice of the native library, are for its whole life.
/// </summary>
/// <remarks>
/// The training runtime is measured in its own training session, by the resident memory of the process; other graphs in
/// a plain session, by <see cref="CountingAllocator"/>.
/// </remarks>
internal static class MeasureRunner
{
    /// <summary>Steps under the profiler, after the first: shares need no more.</summary>
    private const int MostProfiledSteps = 2;

    /// <summary>Losses, and time or memory.</summary>
    public static StepMeasurement MeasureSteps(MeasureRequest request)
    {
        // Pages that are given back are fetched again: in steps that are timed the C library does as it does by itself.
        var isTimed = request.Kind == MeasureKind.Time;
        if (!isTimed) ProcessMemory.PreferMappings();
        var inputs = new MeasureInputs(request);
        if (OrtLibrary.HasTraining) TrainingUtils.SetSeed((long)request.Seed);
        using var folder = new TemporaryFolder();
        using IStepper stepper = request.Runtime == MeasureRuntime.Training
            ? OpenTraining(request, inputs, folder)
            : OpenPlain(request, inputs);
        var losses = new List<double>();
        var usages = new List<StepUsage>();
        var peak = stepper.Peak;
        var copiesBefore = OperatorDiagnostics.PassThroughCopies;
        var copiedBefore = OperatorDiagnostics.PassThroughCopiedBytes;
        (long? bytes, long? processBytes) = (null, null);
        for (var step = 0; step <= request.Steps; step++)
        {
            using var feeds = inputs.Feeds(step);
            if (!isTimed) peak.Start();
            var begin = StepUsage.Now;
            losses.Add(stepper.Step(feeds));
            var usage = StepUsage.Since(begin);
            if (ProcessMemory.IsSupported) processBytes = Math.Max(processBytes ?? 0, ProcessMemory.PrivatePeak);
            // The first step touches memory that stays: gradient buffers, optimizer state, thread stacks.
            if (step == 0) continue;
            usages.Add(usage);
            if (!isTimed && peak.Read() is { } read) bytes = Math.Max(bytes ?? 0, read);
        }
        return new StepMeasurement
        {
            Losses = losses,
            StepMilliseconds = [.. usages.Select(usage => usage.Elapsed.TotalMilliseconds)],
            SystemMilliseconds = [.. usages.Select(usage => usage.InSystem.TotalMilliseconds)],
            PageFaults = ProcessMemory.IsSupported ? [.. usages.Select(usage => usage.PageFaults)] : null,
            PeakBytes = bytes,
            IsExactPeak = peak.IsExact,
            ProcessBytes = processBytes,
            PassThroughCopies =
                request.OperatorLibrary is null ? OperatorDiagnostics.PassThroughCopies - copiesBefore : null,
            PassThroughCopiedBytes =
                request.OperatorLibrary is null ? OperatorDiagnostics.PassThroughCopiedBytes - copiedBefore : null,
        };
    }

    /// <summary>Executed order and liveness, of the first step; shares of the time, of those after it.</summary>
    public static ExecutionMeasurement MeasureExecution(MeasureRequest request)
    {
        var inputs = new MeasureInputs(request);
        using var folder = new TemporaryFolder();
        NodeNames.MakeUnique(inputs.Model.Graph);
        var (named, optimized) = (folder.PathOf("named.onnx"), folder.PathOf("optimized.onnx"));
        ModelWriter.WriteFile(inputs.Model, named);
        OptimizedGraph.Write(named, optimized, Settings(request));
        var runs = request.Runtime == MeasureRuntime.Training
            ? ProfileTraining(request, inputs, named, folder)
            : ProfilePlain(request, inputs, named, folder);
        var executed = new ExecutedGraph(
            inputs.Model.Graph, inputs.Signature.LossOutput, ModelReader.ReadFile(optimized).Graph, runs[0]);
        var kernels = executed.Kernels;
        var peak = executed.Timeline.Peak();
        return new ExecutionMeasurement
        {
            SavedBytes = executed.SavedBytes,
            PeakLivenessBytes = peak.Bytes,
            BytesAt = executed.Timeline.BytesAt,
            ForwardKernels = executed.FirstGradient,
            PeakNode = kernels[peak.Step].Node,
            PacksBeforeUnpacks = ExecutionProfile.PacksBeforeUnpacks(kernels),
            Shares = StepShares.Of(runs.Skip(runs.Count > 1 ? 1 : 0).SelectMany(run => run)),
            Kernels = kernels.Count,
        };
    }

    private static IReadOnlyList<IReadOnlyList<ExecutedKernel>> ProfileTraining(
        MeasureRequest request, MeasureInputs inputs, string model, TemporaryFolder folder)
    {
        var artifacts = WithCheckpoint(inputs, folder) with { TrainingModel = model, EvalModel = null };
        const string Prefix = "profile";
        var settings = Settings(request) with { ProfilePrefix = folder.PathOf(Prefix) };
        using (var run = new TrainingRun(artifacts, settings, inputs.Signature.LossOutput))
            Repeat(request, inputs, feeds => run.Step(feeds.InOrder(run.InputNames)));
        // The sessions for evaluation and optimizer write profiles too, under the same name or another, and shorter
        // ones.
        var longest = Directory.GetFiles(folder.PathOf("."), Prefix + "*").MaxBy(path => new FileInfo(path).Length)
            ?? throw new ProfileFormatException(settings.ProfilePrefix, "was not written.");
        return Runs(longest);
    }

    private static IReadOnlyList<IReadOnlyList<ExecutedKernel>> ProfilePlain(
        MeasureRequest request, MeasureInputs inputs, string model, TemporaryFolder folder)
    {
        var settings = Settings(request) with { ProfilePrefix = folder.PathOf("profile") };
        using var run = new GradientReader(new GraphRun(model, settings), inputs.Signature, inputs.Parameters);
        Repeat(request, inputs, feeds => run.Run(feeds.Values));
        return Runs(run.EndProfiling());
    }

    private static void Repeat(MeasureRequest request, MeasureInputs inputs, Action<FeedBatch> step)
    {
        using var feeds = inputs.Feeds(step: 0);
        for (var number = 0; number <= Math.Min(request.Steps, MostProfiledSteps); number++) step(feeds);
    }

    private static IReadOnlyList<IReadOnlyList<ExecutedKernel>> Runs(string path) =>
        ExecutionProfile.ReadFile(path).Runs is [{ Count: > 0 }, ..] and var runs
            ? runs
            : throw new ProfileFormatException(path, "shows no run.");

    private static SessionSettings Settings(MeasureRequest request) => new()
    {
        Threads = request.Threads,
        Arena = request.Arena,
        Configure = options =>
        {
            if (request.OperatorLibrary is { } library) options.RegisterCustomOpLibrary(library);
            else options.RegisterOnnxActNN();
        },
    };

    private static TrainingStepper OpenTraining(MeasureRequest request, MeasureInputs inputs, TemporaryFolder folder)
    {
        // The evaluation graph is another session with constants of its own, which no step uses.
        var artifacts = WithCheckpoint(inputs, folder) with { EvalModel = null };
        return new TrainingStepper(new TrainingRun(artifacts, Settings(request), inputs.Signature.LossOutput));
    }

    private static TrainingArtifacts WithCheckpoint(MeasureInputs inputs, TemporaryFolder folder)
    {
        if (inputs.Artifacts.Checkpoint is not null) return inputs.Artifacts;
        var path = folder.PathOf("checkpoint");
        CheckpointWriter.WriteFile(inputs.Parameters, path);
        return inputs.Artifacts with { Checkpoint = path };
    }

    private static PlainStepper OpenPlain(MeasureRequest request, MeasureInputs inputs)
    {
        var isCounted = request.Kind == MeasureKind.Memory;
        if (isCounted) CountingAllocator.Register();
        var settings = Settings(request) with { SharedAllocator = isCounted };
        return new PlainStepper(
            new GradientReader(
                new GraphRun(inputs.Artifacts.TrainingModel, settings), inputs.Signature, inputs.Parameters));
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
