using System.Diagnostics;
using FluentAssertions;
using OnnxActNN.EndToEnd.Tests.Tools;
using OnnxActNN.Rewriter;
using OnnxActNN.Testing;
using OnnxActNN.Tools.Commands;
using OnnxActNN.Training.Measurement;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Rewriting;

/// <summary>
/// ResNet-50 at 224x224 trains in a fraction of the memory: all figures from fresh processes of the tool. Takes
/// minutes.
/// </summary>
[Trait("Speed", "slow")]
public sealed class MemoryTests(ITestOutputHelper output)
{
    private const long FewSamples = 2;
    private const long ManySamples = 10;

    [Fact]
    public void ResNet_50_at_two_bits()
    {
        TrainingRuntime.Require();
        var zoo = ZooGraph.Open("large", "resnet50");
        using var folder = new TempFolder();
        var packedPath = folder.PathTo("packed_model.onnx");
        TrainingGraphRewriter.RewriteFile(zoo.Artifacts.TrainingModel).Save(packedPath);

        var original = Measure(zoo, zoo.Artifacts.TrainingModel);
        var packed = Measure(zoo, packedPath);

        var (before, after) =
            (PerSample(original, model => model.PeakMeasuredBytes!.Value),
            PerSample(packed, model => model.PeakMeasuredBytes!.Value));
        var liveness = PerSample(packed, model => model.PeakLivenessBytes);
        var saved = (double)original.Many.SavedBytes / packed.Many.SavedBytes;
        output.WriteLine($"saved at batch {ManySamples}: {original.Many.SavedBytes / 1e6:F1} to {packed.Many.SavedBytes / 1e6:F1} MB, / {saved:F2}");
        output.WriteLine($"measured per sample: {before / 1e6:F1} to {after / 1e6:F1} MB, / {before / after:F2}; by liveness {liveness / 1e6:F1} MB");
        output.WriteLine($"step: {original.Many.StepMs[0]:F0} to {packed.Many.StepMs[0]:F0} ms");

        packed.Many.PacksBeforeUnpacks.Should().BeTrue();
        packed.Many.PassthroughCopies.Should().Be(0);
        packed.Many.Losses[0].Should().Be(original.Many.Losses[0], "the forward pass reads exact values");
        saved.Should().BeGreaterThanOrEqualTo(10);
        (before / after).Should().BeGreaterThanOrEqualTo(8);
        after.Should().BeInRange(0.9 * liveness, 1.1 * liveness);
    }

    private static (MeasuredModel Few, MeasuredModel Many) Measure(ZooGraph zoo, string model)
    {
        var tool = new MeasureProcess(
            () => new ProcessStartInfo("dotnet", [ToolProcess.Program, MeasureChildCommand.Name]));
        MeasuredModel At(long samples) => tool.Measure(new MeasureRequest
        {
            Model = model,
            Entry = Path.Combine(zoo.Folder, "entry.json"),
            Library = TrainingRuntime.Folder,
            Dimensions = new Dictionary<string, long> { ["batch"] = samples },
            Steps = 1,
        });
        // What else a process does while it steps only adds to its peak.
        MeasuredModel LeastAt(long samples) =>
            new[] { At(samples), At(samples) }.MinBy(measured => measured.PeakMeasuredBytes)!;
        return (LeastAt(FewSamples), LeastAt(ManySamples));
    }

    /// <summary>What one more sample adds, free of what the graph needs whatever the batch.</summary>
    private static double PerSample(
        (MeasuredModel Few, MeasuredModel Many) measured, Func<MeasuredModel, long> figure) =>
        (figure(measured.Many) - figure(measured.Few)) / (double)(ManySamples - FewSamples);
}
