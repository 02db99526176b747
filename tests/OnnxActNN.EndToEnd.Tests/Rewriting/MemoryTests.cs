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

        var original = Steps(zoo, zoo.Artifacts.TrainingModel);
        var packed = Steps(zoo, packedPath);
        var executed = Execution(zoo, packedPath, ManySamples);

        var (before, after) = (PerSample(original.Few.PeakBytes, original.Many.PeakBytes),
            PerSample(packed.Few.PeakBytes, packed.Many.PeakBytes));
        var liveness = PerSample(
            Execution(zoo, packedPath, FewSamples).PeakLivenessBytes, executed.PeakLivenessBytes);
        var savedBefore = Execution(zoo, zoo.Artifacts.TrainingModel, ManySamples).SavedBytes;
        var saved = (double)savedBefore / executed.SavedBytes;
        output.WriteLine($"saved at batch {ManySamples}: {savedBefore / 1e6:F1} "
            + $"to {executed.SavedBytes / 1e6:F1} MB, / {saved:F2}");
        output.WriteLine($"measured per sample: {before / 1e6:F1} to {after / 1e6:F1} MB, / {before / after:F2}; "
            + $"by liveness {liveness / 1e6:F1} MB");

        executed.PacksBeforeUnpacks.Should().BeTrue();
        packed.Many.PassThroughCopies.Should().Be(0);
        packed.Many.Losses[0].Should().Be(original.Many.Losses[0], "the forward pass reads exact values");
        saved.Should().BeGreaterThanOrEqualTo(10);
        (before / after).Should().BeGreaterThanOrEqualTo(8);
        after.Should().BeInRange(0.9 * liveness, 1.1 * liveness);
    }

    /// <summary>
    /// Steps at few and at many samples, each the one of two processes with the lesser peak: what else a process does
    /// while it steps only adds to its peak.
    /// </summary>
    private static (StepMeasurement Few, StepMeasurement Many) Steps(ZooGraph zoo, string model)
    {
        StepMeasurement LeastAt(long samples) => Enumerable.Range(0, 2)
            .Select(_ => Measure(zoo, model, samples, MeasureKind.Memory).Steps!).MinBy(step => step.PeakBytes)!;
        return (LeastAt(FewSamples), LeastAt(ManySamples));
    }

    private static ExecutionMeasurement Execution(ZooGraph zoo, string model, long samples) =>
        Measure(zoo, model, samples, MeasureKind.Execution).Execution!;

    private static MeasureReply Measure(ZooGraph zoo, string model, long samples, MeasureKind kind)
    {
        var tool = new MeasureProcess(
            () => new ProcessStartInfo("dotnet", [ToolProcess.Program, MeasureChildCommand.Name]));
        var outcome = tool.Try(new MeasureRequest
        {
            Model = model,
            Entry = Path.Combine(zoo.Folder, "entry.json"),
            Library = TrainingRuntime.Folder,
            Dimensions = new Dictionary<string, long> { ["batch"] = samples },
            Steps = 1,
            Kind = kind,
        });
        outcome.Problem.Should().BeNull();
        return outcome.Reply!;
    }

    /// <summary>What one more sample adds, free of what the graph needs whatever the batch.</summary>
    private static double PerSample(long? few, long? many) => (many - few)!.Value / (double)(ManySamples - FewSamples);
}
