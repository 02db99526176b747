using System.Runtime.InteropServices;
using System.Text.Json;
using FluentAssertions;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.CustomOps.Tests.Interop;
using OnnxActNN.GpuCheck;
using OnnxActNN.GpuCheck.Steps;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cuda.Steps;

/// <summary>The training steps of gpu-check, on the CPU's provider: all but the device's own memory.</summary>
[Collection(SessionCollection.Name)]
public sealed class StepCheckTests
{
    [Fact]
    public void Steps_are_run_plain_and_packed_and_reported()
    {
        using var graphs = new StepGraphs("resnet-tiny");
        var json = graphs.PathTo("report.json");
        var (output, errors) = (new StringWriter(), new StringWriter());
        GpuCheckRun.Run(
            ["--provider", "cpu", "--steps", graphs.Path, "--batch", "6", "--runs", "2", "--most-batch", "12", "--json",
            json], output, errors).Should().Be(ExitCode.Success, errors.ToString() + output);
        output.ToString().Should()
            .MatchRegex("training steps, ONNX Runtime .*, CPU\n").And.MatchRegex(@"model +6 plain .* 12\n");
        using var report = JsonDocument.Parse(File.ReadAllText(json));
        var model = report.RootElement.GetProperty("steps").GetProperty("models")[0];
        model.GetProperty("isRight").GetBoolean().Should().BeTrue();
        model.GetProperty("lossDifference").GetDouble().Should().Be(0);
        model.GetProperty("gradientDistance").GetDouble().Should().BeInRange(0.01, 1);
        Peak(model, "packed").Should().BeLessThan(Peak(model, "plain"));
        model.GetProperty("packed").GetProperty("deviceBytes").ValueKind.Should().Be(JsonValueKind.Null);
        model.GetProperty("packed").GetProperty("largestBatch").GetInt32().Should().Be(12);

        static long Peak(JsonElement model, string graph) =>
            model.GetProperty(graph).GetProperty("arenaPeakBytes").GetInt64();
    }

    [Fact]
    public void A_packed_graph_of_another_model_is_wrong()
    {
        using var graphs = new StepGraphs("lenet");
        using var others = new StepGraphs("cnn-bn");
        var check = new StepResult(
            "model", 8, new StepMeasurement(2.3f, 1, null, null, null),
            new StepMeasurement(2.30003f, 1, null, null, null), 0.5);
        check.IsRight.Should().BeFalse();
        (check with { Packed = check.Plain }).IsRight.Should().BeTrue();
        (check with { Packed = check.Plain, GradientDistance = double.NaN }).IsRight.Should().BeFalse();
        File.Copy(Path.Combine(others.Path, "packed.onnx"), Path.Combine(graphs.Path, "packed.onnx"), overwrite: true);
        GpuCheckRun.Run(["--provider", "cpu", "--steps", graphs.Path, "--runs", "1"], TextWriter.Null, TextWriter.Null)
            .Should().Be(ExitCode.Failed);
    }

    [Fact]
    public void A_graph_that_is_not_there_ends_with_1_and_one_line()
    {
        var errors = new StringWriter();
        GpuCheckRun.Run(["--provider", "cpu", "--steps", "no-such-folder"], TextWriter.Null, errors).Should()
            .Be(ExitCode.Failed);
        errors.ToString().Should().Contain("no-such-folder").And.Subject.Trim().Should().NotContain("\n");
    }

    [Theory]
    [InlineData(8, 1000, 300, 291)]
    [InlineData(8, 1000, 8, 8)]
    [InlineData(8, 1000, 2000, 1000)]
    [InlineData(8, 8, 2000, 8)]
    [InlineData(1, 7, 5, 5)]
    public void The_largest_batch_is_found_to_a_sixteenth(int first, int most, int limit, int atLeast)
    {
        var tried = new List<int>();
        var found = BatchSearch.Run(first, most, batch =>
        {
            tried.Add(batch);
            return batch <= limit;
        });
        found.Should().BeInRange(atLeast * 15 / 16, Math.Min(most, limit));
        tried.Should().OnlyHaveUniqueItems();
        tried.Should().NotContain(batch => batch <= first || batch > most);
    }

    /// <summary>The managed layer declares the same table, by name.</summary>
    [Fact]
    public void The_places_in_ONNX_Runtime_s_table_are_right()
    {
        var table = typeof(SessionOptions).Assembly.GetType("Microsoft.ML.OnnxRuntime.OrtApi")!;
        foreach (var slot in Enum.GetValues<OrtApiSlot>())
        {
            var field = Enum.GetName(slot)!;
            if (table.GetField(field) is null) continue;
            ((long)Marshal.OffsetOf(table, field)).Should().Be((long)slot * nint.Size, field);
        }
        table.GetField(nameof(OrtApiSlot.AllocatorGetStats)).Should().NotBeNull();
    }
}
