using System.Diagnostics;
using FluentAssertions;
using OnnxActNN.EndToEnd.Tests.Tools;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;
using OnnxActNN.Training.Checkpoints;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Hardening;

/// <summary>A process that is killed (SIGKILL) at whatever moment leaves the old file whole, or the new one.</summary>
public sealed class KilledProcessTests : IDisposable
{
    private const int Kills = 12;

    private readonly TempFolder _folder = new();

    [Fact]
    public void A_killed_rewrite_leaves_the_old_graph_or_the_new_one()
    {
        var model = ZooGraph.Open("small", "resnet-tiny").Artifacts.TrainingModel;
        var target = _folder.PathTo("packed.onnx");
        string[] Arguments(int seed) => ["rewrite", model, "-o", target, "--force", "--seed", $"{seed}"];
        var duration = Time(() => ToolProcess.Start(Arguments(1)).ExitCode.Should().Be(0));

        KillAtDifferentMoments(Arguments, duration, () => ModelReader.ReadFile(target).Graph.Nodes.Should().NotBeEmpty());
    }

    [Fact]
    public void A_killed_rewrite_of_a_folder_leaves_it_whole()
    {
        var source = ZooGraph.Open("small", "lenet").Folder;
        var target = _folder.PathTo("packed", "x");
        target = Path.GetDirectoryName(target)!;
        string[] Arguments(int seed) => ["rewrite", source, "-o", target, "--force", "--seed", $"{seed}"];
        var duration = Time(() => ToolProcess.Start(Arguments(1)).ExitCode.Should().Be(0));
        var files = Directory.GetFiles(target).Select(Path.GetFileName).ToList();

        KillAtDifferentMoments(Arguments, duration, () =>
        {
            // Between two renames the new folder is complete and the old one stands under another name.
            var found = Directory.Exists(target) ? target : Directory.GetDirectories(_folder.Path, "*.old").Single();
            Directory.GetFiles(found).Select(Path.GetFileName).Should().BeEquivalentTo(files);
            ModelReader.ReadFile(Path.Combine(found, "training_model.onnx")).Graph.Nodes.Should().NotBeEmpty();
        });
    }

    [Fact]
    public void A_killed_training_leaves_the_old_checkpoint_or_the_new_one()
    {
        var zoo = ZooGraph.Open("small", "mlp");
        var (data, checkpoint) = (WriteTable(), _folder.PathTo("trained"));
        string[] Arguments(int seed) =>
            ["train", zoo.Folder, "--data", data, "--batch-size", "8", "--save", checkpoint, "--seed", $"{seed}", "--threads", "1"];
        var duration = Time(() => ToolProcess.Start(Arguments(1)).ExitCode.Should().Be(0));

        KillAtDifferentMoments(Arguments, duration, () =>
            CheckpointReader.ReadFile(checkpoint).Trained.Should().HaveCount(zoo.Signature.Trained.Count));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Moments spread over the whole run, closest to each other at its end, where files are written.</summary>
    private static void KillAtDifferentMoments(Func<int, string[]> arguments, TimeSpan duration, Action check)
    {
        var killed = 0;
        for (var number = 1; number <= Kills; number++)
        {
            var start = new ProcessStartInfo("dotnet", [ToolProcess.Program, .. arguments(number + 1)]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            var moment = duration * Math.Sqrt((double)number / Kills);
            if (!process.WaitForExit(moment))
            {
                process.Kill();
                killed++;
            }
            process.WaitForExit();
            check();
        }
        killed.Should().BePositive("else nothing was tested");
    }

    private static TimeSpan Time(Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed;
    }

    /// <summary>Samples of 784 numbers, with their class behind them.</summary>
    private string WriteTable()
    {
        var random = new Random(1);
        var path = _folder.PathTo("samples.csv");
        File.WriteAllLines(path, Enumerable.Range(0, 64).Select(sample =>
            string.Join(',', Enumerable.Range(0, 784).Select(_ => random.Next(10)).Append(sample % 10))));
        return path;
    }
}
