using System.CommandLine;
using OnnxActNN.Format;
using OnnxActNN.Tools.Rendering;
using OnnxActNN.Training.Data;
using OnnxActNN.Training.Loops;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Tools.Commands;

/// <summary>
/// <c>train ARTIFACTS --data PATH</c>: trains a classifier on the ONNX Runtime that this tool carries, packed or beside
/// float32. Ctrl-C ends it after the present step; the checkpoint is written in any case.
/// </summary>
internal static class TrainCommand
{
    private const string Float32 = "32";

    public static Command Create()
    {
        var options = new TrainOptionSet();
        var command = new Command("train", "Trains a classifier on the current ONNX Runtime.");
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.Run(
            () => Train(options.Read(parsed), parsed.InvocationConfiguration.Output, cancellation)));
        return command;
    }

    private static int Train(TrainRequest request, TextWriter output, CancellationToken cancellation)
    {
        var files = TrainingArtifacts.Find(request.Artifacts);
        if (request.Evaluate && files.EvalModel is null)
            throw new UsageException($"--eval needs eval_model.onnx in '{request.Artifacts}'.");
        var replan = ReplanOf(request);
        var start = StartOf(request, files);
        var runs = Open(request, start);
        try
        {
            var data = SampleFiles.Read(request.Data);
            var sizes = runs[0].SampleSizes;
            data = new SampleFiles(SampleFitting.Fit(data.Train, sizes), SampleFitting.Fit(data.Test, sizes));
            Check(request, runs[0], data);
            var loop = new TrainingLoop(data, request.BatchSize, request.Seed);
            var replanner = replan is null ? null : new Replanner(start, data.Train, request.BatchSize, replan);
            using var csv = request.Csv is null ? null : new TrainCsv(request.Csv);
            var isDone = TrainTable.Show(output, table =>
            {
                ITrainingListener listener = csv is null ? table : new TrainingListeners(table, csv);
                return loop.Run(runs, request.Epochs, request.Evaluate, listener, cancellation, replanner);
            });
            runs[0].Session.SaveCheckpoint(request.Save);
            output.WriteLine(isDone ? $"Saved {request.Save}." : $"Stopped; go on with --resume {request.Save}.");
            return ExitCode.Done;
        }
        finally
        {
            foreach (var run in runs) run.Dispose();
        }
    }

    private static void Check(TrainRequest request, ClassifierRun run, SampleFiles data)
    {
        if (run.FixedBatch is { } only && only != request.BatchSize)
            throw new UsageException($"the graph takes batches of {only} only: --batch-size {only}.");
        if (data.Train.Count < request.BatchSize)
            throw new UsageException(
                $"there are {data.Train.Count} samples to train on, fewer than --batch-size {request.BatchSize}.");
    }

    private static ClassifierStart StartOf(TrainRequest request, TrainingArtifacts files) => new()
    {
        Files = files,
        CheckpointPath = request.Resume ?? files.Checkpoint
            ?? throw new UsageException($"'{request.Artifacts}' has no checkpoint; give one with --resume."),
        LearningRate = request.LearningRate,
        Seed = request.Seed,
        Threads = request.Threads,
        Evaluate = request.Evaluate,
    };

    private static CodeWidth? WidthOf(TrainRequest request) =>
        request.Bits == Float32 ? null : RewriteOptionSet.ParseWidth(request.Bits);

    private static ReplanRequest? ReplanOf(TrainRequest request)
    {
        if (request.ReplanEvery == 0)
        {
            return request.AverageBits is null
                ? null
                : throw new UsageException("--average-bits is for planned bits: give --replan-every too.");
        }
        var width = WidthOf(request)
            ?? throw new UsageException("--replan-every plans the bits of packed tensors; --bits 32 packs none.");
        return new ReplanRequest
        {
            Every = request.ReplanEvery,
            AverageBits = request.AverageBits ?? CodeWidths.CodeBits(width),
            Width = width,
        };
    }

    private static List<ClassifierRun> Open(TrainRequest request, ClassifierStart start)
    {
        var width = WidthOf(request);
        var runs = new List<ClassifierRun> { start.Open(width) };
        if (width is not null && request.Compare) runs.Add(start.Open(width: null));
        return runs;
    }
}
