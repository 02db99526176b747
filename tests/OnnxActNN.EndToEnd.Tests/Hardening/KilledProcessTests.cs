using System.Diagnostics;
using FluentAssertions;
using Google.Protobuf;
using OnnxActNN.EndToEnd.Tests.Tools;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Onnx.Proto;
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

        KillAtDifferentMoments(
            Arguments, duration, () => ModelReader.ReadFile(target).Graph.Nodes.Should().NotBeEmpty());

        ToolProcess.Start(Arguments(1)).ExitCode.Should().Be(0);
        Directory.GetFiles(_folder.Path).Should().Equal([target], "what is unfinished goes with the next rewrite");
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
    public void A_killed_rewrite_of_a_graph_with_data_beside_it_leaves_the_old_graph_or_the_new_one() =>
        KillRewriteWithData(bytes: 64 << 20);

    /// <summary>The same with more data than one array holds; takes minutes, and 5 GB of disk.</summary>
    [Fact(Explicit = true)]
    public void A_killed_rewrite_of_a_graph_with_gibibytes_beside_it_leaves_the_old_graph_or_the_new_one() =>
        KillRewriteWithData(bytes: 5L << 29);

    [Fact]
    public void A_killed_training_leaves_the_old_checkpoint_or_the_new_one() =>
        KillTraining(ZooGraph.Open("small", "mlp"), features: 784, samples: 64, batch: 8);

    /// <summary>
    /// The same with a checkpoint of 1.7 GB, most of it in the file beside it; takes minutes, and 5 GB of memory and
    /// disk.
    /// </summary>
    [Fact(Explicit = true)]
    public void A_killed_training_with_a_large_checkpoint_leaves_the_old_one_or_the_new_one() =>
        KillTraining(ZooGraph.Open("large", "vgg16"), features: 3 * 224 * 224, samples: 2, batch: 1);

    public void Dispose() => _folder.Dispose();

    private void KillTraining(ZooGraph zoo, int features, int samples, int batch)
    {
        var (data, checkpoint) = (WriteTable(features, samples), _folder.PathTo("trained"));
        var start = _folder.PathTo("start");
        CheckpointWriter.WriteFile(zoo.Parameters(), start);
        string[] Arguments(int seed) =>
        [
            "train", zoo.Folder, "--data", data, "--batch-size", $"{batch}", "--resume", start, "--save", checkpoint,
            "--seed", $"{seed}", "--threads", "1",
        ];
        var duration = Time(() => ToolProcess.Start(Arguments(1)).ToString().Should().StartWith("exit code 0"));

        KillAtDifferentMoments(Arguments, duration, () =>
            CheckpointReader.ReadFile(checkpoint).Trained.Should().HaveCount(zoo.Signature.Trained.Count));
    }

    private void KillRewriteWithData(long bytes)
    {
        const string Data = "beside.bin";
        var plain = ZooGraph.Open("small", "resnet-tiny").Artifacts.TrainingModel;
        var (source, target, old) = (
            _folder.PathTo("source", "training.onnx"), _folder.PathTo("target", "packed.onnx"),
            _folder.PathTo("old.onnx"));
        var (from, to) = (_folder.PathTo("source", Data), _folder.PathTo("target", Data));
        WriteWithData(plain, source, Data, bytes);
        ToolProcess.Start("rewrite", plain, "-o", old).ExitCode.Should().Be(0);
        string[] Arguments(int seed) => ["rewrite", source, "-o", target, "--force", "--seed", $"{seed}"];
        var duration = Time(() =>
        {
            Restore();
            ToolProcess.Start(Arguments(1)).ExitCode.Should().Be(0);
        });
        var (isOld, isNew) = (0, 0);
        Restore();

        KillAtDifferentMoments(Arguments, duration, () =>
        {
            if (ModelReader.ReadFile(target).Graph.Find(Data) is { Initializer: { } tensor })
            {
                tensor.ByteCount.Should().Be(bytes);
                HasContentOf(to, from).Should().BeTrue();
                isNew++;
            }
            else
            {
                File.ReadAllBytes(target).Should().Equal(File.ReadAllBytes(old));
                isOld++;
            }
            Restore();
        });
        isOld.Should().BePositive();
        (isOld + isNew).Should().Be(Kills);

        // What a killed process leaves unfinished stands under a name of its own.
        void Restore()
        {
            foreach (var file in Directory.GetFiles(Path.GetDirectoryName(target)!)) File.Delete(file);
            File.Copy(old, target);
        }
    }

    /// <summary>A copy of a graph with a tensor whose data lies beside it: some of it, and holes.</summary>
    private static void WriteWithData(string from, string to, string data, long bytes)
    {
        var message = ModelProto.Parser.ParseFrom(File.ReadAllBytes(from));
        message.Graph.Initializer.Add(new TensorProto
        {
            Name = data,
            DataType = (int)TensorProto.Types.DataType.Uint8,
            Dims = { bytes },
            DataLocation = TensorProto.Types.DataLocation.External,
            ExternalData = { new StringStringEntryProto { Key = "location", Value = data } },
        });
        File.WriteAllBytes(to, message.ToByteArray());
        using var file = File.Create(Path.Combine(Path.GetDirectoryName(to)!, data));
        file.SetLength(bytes);
        var part = new byte[1 << 20];
        new Random(1).NextBytes(part);
        for (var step = 0; step < 8; step++)
        {
            file.Position = (bytes - part.Length) / 7 * step;
            file.Write(part);
        }
    }

    private static bool HasContentOf(string left, string right)
    {
        using var first = File.OpenRead(left);
        using var second = File.OpenRead(right);
        if (first.Length != second.Length) return false;
        var buffers = (Left: new byte[1 << 20], Right: new byte[1 << 20]);
        while (first.ReadAtLeast(buffers.Left, buffers.Left.Length, throwOnEndOfStream: false) is > 0 and var read)
        {
            second.ReadExactly(buffers.Right.AsSpan(0, read));
            if (!buffers.Left.AsSpan(0, read).SequenceEqual(buffers.Right.AsSpan(0, read))) return false;
        }
        return true;
    }

    /// <summary>
    /// Moments spread over the whole run, closest to each other at its end, where files are written. A run that ends
    /// before its moment tells that the machine is less busy than it was.
    /// </summary>
    private static void KillAtDifferentMoments(Func<int, string[]> arguments, TimeSpan duration, Action check)
    {
        var killed = 0;
        for (var number = 1; number <= Kills; number++)
        {
            var start = new ProcessStartInfo("dotnet", [ToolProcess.Program, .. arguments(number + 1)])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            var watch = Stopwatch.StartNew();
            using var process = Process.Start(start)!;
            if (process.WaitForExit(duration * Math.Sqrt((double)number / Kills)))
            {
                duration = watch.Elapsed;
            }
            else
            {
                process.Kill();
                killed++;
            }
            process.WaitForExit();
            check();
        }
        killed.Should().BePositive("else nothing was tested");
    }

    /// <summary>
    /// The lesser of two times: the first run may wait for a disk or a busy machine, and then no kill would meet the
    /// others.
    /// </summary>
    private static TimeSpan Time(Action action) => Enumerable.Range(0, 2).Min(_ =>
    {
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed;
    });

    /// <summary>Samples of so many numbers, with their class behind them.</summary>
    private string WriteTable(int features, int samples)
    {
        var random = new Random(1);
        var path = _folder.PathTo("samples.csv");
        File.WriteAllLines(path, Enumerable.Range(0, samples).Select(sample =>
            string.Join(',', Enumerable.Range(0, features).Select(_ => random.Next(10)).Append(sample % 10))));
        return path;
    }
}
