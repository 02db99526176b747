using System.Diagnostics;
using System.Globalization;
using FluentAssertions;
using OnnxActNN.Testing;
using OnnxActNN.Training.Checkpoints;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Hardening;

/// <summary>
/// A process that writes one checkpoint after the other, with their data in a file beside them, is killed (SIGKILL) at
/// whatever moment: what it leaves is one of these checkpoints, whole, and none from before the last one that was seen.
/// </summary>
public sealed class KilledCheckpointTests : IDisposable
{
    private const int Tensors = 3;

    /// <summary>What tells the writing process the file, and its tensors' elements.</summary>
    private const string PathVariable = "ONNXACTNN_TEST_CHECKPOINT",
    ElementsVariable = "ONNXACTNN_TEST_CHECKPOINT_ELEMENTS";

    private readonly TempFolder _folder = new();

    [Fact]
    public void A_killed_writer_leaves_a_whole_checkpoint() =>
        Kill(elements: 1 << 18, kills: 12, longest: TimeSpan.FromSeconds(0.4));

    /// <summary>
    /// Of 1.2 GB, as the writer really puts beside the file; takes minutes, and 3 GB of memory and disk.
    /// </summary>
    [Fact(Explicit = true)]
    public void A_killed_writer_of_more_than_a_gibibyte_leaves_a_whole_checkpoint() =>
        Kill(elements: 100_000_000, kills: 20, longest: TimeSpan.FromSeconds(12));

    /// <summary>The process that the others kill.</summary>
    [Fact(Explicit = true)]
    public void Checkpoints_are_written_until_somebody_ends_it()
    {
        var path = Environment.GetEnvironmentVariable(PathVariable);
        Assert.SkipWhen(path is null, "this is for a process that gets killed");
        var elements = int.Parse(Environment.GetEnvironmentVariable(ElementsVariable)!, CultureInfo.InvariantCulture);
        var values = Enumerable.Range(0, Tensors).Select(_ => new byte[elements * sizeof(float)]).ToArray();
        for (var number = File.Exists(path) ? NumberOf(CheckpointReader.ReadFile(path)) + 1 : 1; ; number++)
        {
            foreach (var tensor in values) Array.Fill(tensor, (byte)number);
            // The first has another length each time, so that another checkpoint's places would show.
            var first = elements - number % 7 * 1000;
            var checkpoint = new Checkpoint
            {
                Trained =
                    [.. values.Select((bytes, index) => TensorOf($"p{index}", index == 0 ? first : elements, bytes))],
                Properties = { Integers = { ["number"] = number } },
            };
            CheckpointWriter.WriteFile(checkpoint, path!, Math.Min(CheckpointWriter.InlineLimit, elements));
        }
    }

    public void Dispose() => _folder.Dispose();

    private void Kill(int elements, int kills, TimeSpan longest)
    {
        var path = _folder.PathTo("checkpoint");
        var random = new Random(1);
        var last = 0;
        for (var kill = 0; kill < kills; kill++)
        {
            using var writer = Start(path, elements);
            // From the first change on, so that the start of the process takes none of the moments.
            var before = File.Exists(path) ? File.GetLastWriteTimeUtc(path) : default;
            var watch = Stopwatch.StartNew();
            while (!writer.HasExited && (!File.Exists(path) || File.GetLastWriteTimeUtc(path) == before))
            {
                watch.Elapsed.Should().BeLessThan(TimeSpan.FromMinutes(3), "a checkpoint is to be written");
                Thread.Sleep(1);
            }
            Thread.Sleep(longest * random.NextDouble());
            var said = writer.HasExited ? writer.StandardOutput.ReadToEnd() : "";
            writer.HasExited.Should().BeFalse("it writes until it is ended: {0}", said);
            writer.Kill();
            writer.WaitForExit();
            var number = NumberOf(CheckpointReader.ReadFile(path));
            number.Should().BeGreaterThan(last);
            last = number;
        }
        var beside = new FileInfo(path + CheckpointWriter.ExternalSuffix).Length;
        TestContext.Current.TestOutputHelper!.WriteLine($"{kills} kills: checkpoint {last}, {beside} bytes beside it");
    }

    /// <summary>The number of a checkpoint all of whose bytes are of it.</summary>
    private static int NumberOf(Checkpoint checkpoint)
    {
        var number = checkpoint.Properties.Integers["number"];
        checkpoint.Trained.Should().HaveCount(Tensors);
        foreach (var tensor in checkpoint.Trained)
            tensor.Data.Span.ContainsAnyExcept((byte)number).Should()
                .BeFalse("{0} is of checkpoint {1}", tensor.Name, number);
        return (int)number;
    }

    private static CheckpointTensor TensorOf(string name, int elements, byte[] bytes) =>
        new(name, Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, [elements],
            bytes.AsMemory(0, elements * sizeof(float)));

    private static Process Start(string path, int elements)
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath!,
            ["--explicit", "only", "--filter-method",
                $"{typeof(KilledCheckpointTests).FullName}.{nameof(Checkpoints_are_written_until_somebody_ends_it)}"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment[PathVariable] = path;
        start.Environment[ElementsVariable] = elements.ToString(CultureInfo.InvariantCulture);
        return Process.Start(start)!;
    }
}
