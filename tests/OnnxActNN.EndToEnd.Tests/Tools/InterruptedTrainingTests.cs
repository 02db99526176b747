using System.Diagnostics;
using FluentAssertions;
using OnnxActNN.Testing;
using OnnxActNN.Tools;
using OnnxActNN.Training.Checkpoints;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Tools;

/// <summary>
/// Ctrl-C in the midst of training leaves a checkpoint, from which training goes on as if nothing had happened.
/// </summary>
public sealed class InterruptedTrainingTests : IDisposable
{
    private const int Samples = 64;
    private const int BatchSize = 8;

    /// <summary>More than are trained before somebody interrupts it, on the busiest of machines.</summary>
    private const int Endless = 1_000_000;

    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("--bits", "2")]
    [InlineData("--bits", "32")]
    [InlineData("--bits", "2", "--compare")]
    public void Ctrl_C_saves_a_checkpoint(params string[] options)
    {
        var checkpoint = _folder.PathTo("stopped");
        string[] arguments =
        [
            "train", Artifacts, "--data", WriteData(), "--epochs", $"{Endless}", "--batch-size", $"{BatchSize}",
            "--save", checkpoint, .. options,
        ];

        var output = Interrupt(arguments, out var exitCode);

        exitCode.Should().Be(ExitCode.Done, output);
        output.Should().Contain($"--resume {checkpoint}");
        CheckpointReader.ReadFile(checkpoint).OptimizerGroups[0].Step.Should().BePositive("one epoch was done");
    }

    [Fact]
    public void What_was_interrupted_ends_where_an_uninterrupted_run_does()
    {
        var (stopped, resumed, whole) = (_folder.PathTo("stopped"), _folder.PathTo("resumed"), _folder.PathTo("whole"));
        string[] common =
        [
            "train", Artifacts, "--data", WriteData(), "--batch-size", $"{BatchSize}", "--bits", "32", "--threads", "1",
        ];

        Interrupt([.. common, "--epochs", $"{Endless}", "--save", stopped], out _);
        var steps = CheckpointReader.ReadFile(stopped).OptimizerGroups[0].Step;
        string[] toEnd = [.. common, "--epochs", $"{steps / (Samples / BatchSize) + 3}"];
        ToolProcess.Start([.. toEnd, "--resume", stopped, "--save", resumed]).ExitCode.Should().Be(ExitCode.Done);
        ToolProcess.Start([.. toEnd, "--save", whole]).ExitCode.Should().Be(ExitCode.Done);

        var (ended, expected) = (CheckpointReader.ReadFile(resumed), CheckpointReader.ReadFile(whole));
        steps.Should().BeLessThan(expected.OptimizerGroups[0].Step, "it was interrupted");
        ended.OptimizerGroups[0].Step.Should().Be(expected.OptimizerGroups[0].Step);
        ended.Trained.SelectMany(tensor => tensor.AsFloats().ToArray()).Should()
            .Equal(expected.Trained.SelectMany(tensor => tensor.AsFloats().ToArray()));
    }

    public void Dispose() => _folder.Dispose();

    private static string Artifacts => ZooGraph.Open("small", "mlp").Folder;

    /// <summary>Starts the tool, waits for the second line of its table, and does to it what Ctrl-C does.</summary>
    private static string Interrupt(string[] arguments, out int exitCode)
    {
        // A test runner that was started in the background hands on that Ctrl-C is to be ignored.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", ToolProcess.Program, .. arguments])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var lines = new List<string?> { process.StandardOutput.ReadLine(), process.StandardOutput.ReadLine() };
        ChildProcess.Run("kill", ["-INT", $"{process.Id}"]).ExitCode.Should().Be(0);
        lines.Add(process.StandardOutput.ReadToEnd());
        process.WaitForExit();
        exitCode = process.ExitCode;
        return string.Join('\n', lines);
    }

    private string WriteData()
    {
        var random = new Random(4);
        var path = _folder.PathTo("samples.csv");
        File.WriteAllLines(path, Enumerable.Range(0, Samples).Select(_ => string.Join(
            ',', Enumerable.Range(0, 28 * 28).Select(_ => $"{random.Next(100)}").Append($"{random.Next(10)}"))));
        return path;
    }
}
