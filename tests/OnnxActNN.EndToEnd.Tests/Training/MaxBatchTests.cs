using System.Text.Json;
using FluentAssertions;
using OnnxActNN.EndToEnd.Tests.Tools;
using OnnxActNN.Testing;
using OnnxActNN.Training.Measurement;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Training;

/// <summary>Largest batches under a hard limit, by processes that are refused memory.</summary>
public sealed class MaxBatchTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void More_samples_fit_packed_and_the_limit_is_kept()
    {
        TrainingRuntime.Require();
        var original = ZooGraph.Open("small", "resnet-tiny").Artifacts.TrainingModel;
        var packed = _folder.PathTo("packed.onnx");
        ToolProcess.Run("rewrite", original, "-o", packed).ExitCode.Should().Be(0);

        var run = ToolProcess.Start(
            "max-batch", original, "--against", packed, "--limit-from-batch", "40", "--ort-library",
            TrainingRuntime.Folder, "--steps", "1", "--threads", "1", "--json");

        run.ExitCode.Should().Be(0, run.Errors);
        using var report = JsonDocument.Parse(run.Output);
        var models = report.RootElement.GetProperty("models").EnumerateArray().ToList();
        var batches = models.Select(model => model.GetProperty("largest_batch").GetInt64()).ToList();
        batches[0].Should().BeGreaterThanOrEqualTo(40, "the limit was chosen so");
        batches[1].Should().BeGreaterThan(3 * batches[0]);
        report.RootElement.GetProperty("ratio").GetDouble().Should().Be((double)batches[1] / batches[0]);
        foreach (var trial in models.SelectMany(model => model.GetProperty("trials").EnumerateArray()))
        {
            if (trial.GetProperty("fits").GetBoolean())
                trial.GetProperty("reason").ValueKind.Should().Be(JsonValueKind.Null);
            else trial.GetProperty("reason").GetString().Should().NotBeNullOrEmpty();
        }
    }

    [Fact]
    public void A_process_beyond_its_limit_is_out_of_memory_and_nothing_else_is()
    {
        TrainingRuntime.Require();
        var zoo = ZooGraph.Open("small", "resnet-tiny");
        var request = new MeasureRequest
        {
            Model = zoo.Artifacts.TrainingModel,
            Library = TrainingRuntime.Folder,
            Dimensions = new Dictionary<string, long> { ["batch"] = 8 },
            Steps = 1,
            Threads = 1,
        };
        var free = MeasureTests.Tool().Try(request);
        free.Problem.Should().BeNull();
        var needed = free.Reply!.Steps!.ProcessBytes!.Value;

        MeasureTests.Tool().Try(request with { LimitBytes = 2 * needed }).Problem.Should().BeNull();
        var large = request with
        {
            Dimensions = new Dictionary<string, long> { ["batch"] = 800 },
            LimitBytes = 2 * needed,
        };
        var refused = MeasureTests.Tool().Try(large);
        refused.Problem.Should().NotBeNull();
        refused.IsOutOfMemory.Should().BeTrue(refused.Problem);

        var wrong = MeasureTests.Tool().Try(request with { Model = "/no/such.onnx", LimitBytes = 2 * needed });
        wrong.Problem.Should().Contain("/no/such.onnx");
        wrong.IsOutOfMemory.Should().BeFalse();
    }

    [Theory]
    [InlineData("--limit", "much")]
    [InlineData("--limit", "0")]
    [InlineData("--limit-from-batch", "0")]
    public void Limits_that_make_no_sense_are_refused(string option, string value)
    {
        var model = ZooGraph.Open("small", "lenet").Artifacts.TrainingModel;
        ToolProcess.Run("max-batch", model, option, value).ExitCode.Should().Be(2);
        ToolProcess.Run("max-batch", model).ExitCode.Should().Be(2);
    }

    [Fact]
    public void The_batch_dimension_must_be_told_where_several_are_open()
    {
        var model = ZooGraph.Open("small", "gru-unrolled").Artifacts.TrainingModel;
        var sized = ToolProcess.Run("max-batch", model, "--limit", "1GB", "--dim", "batch=1");
        sized.ExitCode.Should().Be(2);
        sized.Errors.Should().Contain("left open");
    }

    public void Dispose() => _folder.Dispose();
}
