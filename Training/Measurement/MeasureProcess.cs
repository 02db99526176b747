using System.Diagnostics;
using System.Text.Json;

namespace OnnxActNN.Training.Measurement;

/// <summary>
/// Measures models, each measurement in a fresh process: another native library can be chosen there, and the peak of
/// resident memory starts from nothing.
/// </summary>
/// <param name="start">
/// How the process is started whose main function calls <see cref="MeasureChild.Run"/>; usually <see cref="Self"/>.
/// </param>
internal sealed class MeasureProcess(Func<ProcessStartInfo> start)
{
    /// <summary>Starts this very program again, with other arguments.</summary>
    public static ProcessStartInfo Self(params IReadOnlyList<string> arguments)
    {
        var program = Environment.ProcessPath
            ?? throw new MeasureException("This system does not tell the path of the running program.");
        // A program that runs as "dotnet PROGRAM.dll" is its first argument.
        var isHost = Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        return new ProcessStartInfo(program, isHost ? [Environment.GetCommandLineArgs()[0], .. arguments] : arguments);
    }

    /// <summary>
    /// The peak comes within few steps; each is longer here than in <see cref="MeasureKind.Time"/>.
    /// </summary>
    private const int MostMemorySteps = 2;

    /// <summary>Time, then memory, then order and liveness, of one model.</summary>
    /// <exception cref="MeasureException">It cannot be measured.</exception>
    public MeasuredModel Measure(MeasureRequest request) => MeasureWithTimeline(request).Model;

    /// <summary>The same, with the timeline that its liveness comes from.</summary>
    /// <exception cref="MeasureException">It cannot be measured.</exception>
    public (MeasuredModel Model, ExecutionMeasurement Execution) MeasureWithTimeline(MeasureRequest request)
    {
        var times = Ask(request with { Kind = MeasureKind.Time });
        var memory = Ask(request with
        {
            Kind = MeasureKind.Memory,
            Steps = Math.Min(request.Steps, MostMemorySteps),
        });
        var execution = Ask(request with { Kind = MeasureKind.Execution }).Execution!;
        var runtime = $"{request.Runtime.ToString().ToLowerInvariant()} {times.Library}";
        return (MeasuredModel.Of(request, runtime, times.Steps!, memory.Steps!, execution), execution);
    }

    /// <summary>
    /// Bytes that one more sample adds to the measured peak: the difference of two batches, each in a process of its
    /// own, per sample.
    /// </summary>
    /// <param name="request">What to measure.</param>
    /// <param name="dimension">Name of the batch dimension.</param>
    /// <param name="small">The smaller batch.</param>
    /// <param name="large">The larger batch.</param>
    /// <exception cref="MeasureException">It cannot be measured.</exception>
    public double MeasuredBytesPerSample(MeasureRequest request, string dimension, long small, long large)
    {
        long PeakAt(long batch)
        {
            var dimensions = new Dictionary<string, long>(request.Dimensions) { [dimension] = batch };
            return Ask(request with { Kind = MeasureKind.Memory, Dimensions = dimensions }).Steps!.PeakBytes
                ?? throw new MeasureException("This system does not tell the memory of a process.");
        }
        return (PeakAt(large) - PeakAt(small)) / (double)(large - small);
    }

    /// <summary>One measurement in a process of its own, however it ends.</summary>
    public MeasureOutcome Try(MeasureRequest request)
    {
        var information = start();
        information.RedirectStandardInput = true;
        information.RedirectStandardOutput = true;
        // A process that is to die of its limit says so; its last words belong to the outcome.
        information.RedirectStandardError = request.LimitBytes is not null;
        if (request.LimitBytes is { } limit) DataLimit.ConfigureCollector(information.Environment, limit);
        using var process = Process.Start(information)
            ?? throw new MeasureException($"'{information.FileName}' does not start.");
        var errors = information.RedirectStandardError ? process.StandardError.ReadToEndAsync() : Task.FromResult("");
        process.StandardInput.Write(JsonSerializer.Serialize(request, MeasureJson.Default.MeasureRequest));
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var line = output.Split('\n').LastOrDefault(
            line => line.StartsWith(MeasureChild.ReplyMark, StringComparison.Ordinal));
        var reply = line is null
            ? null
            : JsonSerializer.Deserialize(line[MeasureChild.ReplyMark.Length..], MeasureJson.Default.MeasureReply);
        return new MeasureOutcome(reply, process.ExitCode, errors.GetAwaiter().GetResult());
    }

    private MeasureReply Ask(MeasureRequest request)
    {
        var outcome = Try(request);
        return outcome.Problem is null
            ? outcome.Reply!
            : throw new MeasureException($"'{request.Model}': {outcome.Problem}");
    }
}
