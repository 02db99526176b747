using System.Diagnostics;
using OnnxActNN.CustomOps;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Benchmarks.Training;

/// <summary>
/// Steps of ONNX Runtime 1.19.2's own session, in a process of its own, because one process holds one native library:
/// it takes a step for each line that it is sent, and answers with its times.
/// </summary>
internal sealed class NativeSteps : IStepRun
{
    /// <summary>The verb that the other process is started with.</summary>
    public const string Verb = "session-native";

    private readonly Process _process;

    public NativeSteps(IReadOnlyList<string> arguments)
    {
        var start = MeasureProcess.Self([Verb, .. arguments]);
        (start.RedirectStandardInput, start.RedirectStandardOutput) = (true, true);
        _process = Process.Start(start)!;
    }

    /// <summary>The other process.</summary>
    public static int Serve(string[] arguments, TextReader input, TextWriter output)
    {
        var options = new StepOptions(new NamedArguments(arguments));
        OrtLibrary.Use(options.Native!);
        using var batch = new StepBatch(options);
        using var folder = new TemporaryFolder();
        var checkpoint = folder.PathOf("checkpoint");
        CheckpointWriter.WriteFile(batch.State, checkpoint);
        using var run = new TrainingRun(
            batch.Files with { EvalModel = null, Checkpoint = checkpoint },
            options.Settings with { Configure = session => session.RegisterOnnxActNN() }, batch.Entry.LossOutput);
        while (input.ReadLine() is not null)
        {
            output.WriteLine(StepTime.Measure(() => run.Step(batch.Feeds.InOrder(run.InputNames)), run.OptimizerStep));
            output.Flush();
        }
        return 0;
    }

    /// <inheritdoc/>
    public StepTime Step()
    {
        _process.StandardInput.WriteLine();
        return StepTime.Parse(
            _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The native session ended."));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
