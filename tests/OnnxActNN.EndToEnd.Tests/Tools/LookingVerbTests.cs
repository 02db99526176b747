using System.Text.Json;
using FluentAssertions;
using OnnxActNN.Rewriter.Operators;
using OnnxActNN.Testing;
using OnnxActNN.TestModels;
using OnnxActNN.Tools;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Tools;

/// <summary><c>diff</c>, <c>doctor</c> and <c>ops</c>: they look and change nothing.</summary>
public sealed class LookingVerbTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void A_rewrite_adds_nodes_and_keeps_the_contract()
    {
        var (original, packed) = (Write("residual"), _folder.PathTo("packed.onnx"));
        ToolProcess.Run("rewrite", original, "-o", packed).ExitCode.Should().Be(ExitCode.Done);
        var result = ToolProcess.Run("diff", original, packed, "--dim", "batch=4", "--json");
        result.ExitCode.Should().Be(ExitCode.Done, result.ToString());
        using var report = JsonDocument.Parse(result.Output);
        report.RootElement.EnumerateObject().Select(field => field.Name)
            .Should().Equal("nodes", "contract", "file_bytes", "saved_bytes", "peak_bytes");
        Pair(report.RootElement.GetProperty("nodes").GetProperty("ai.onnxactnn::QuantizePack")).First.Should().Be(0);
        report.RootElement.GetProperty("contract").GetArrayLength().Should().Be(0);
        var (before, after) = Pair(report.RootElement.GetProperty("saved_bytes"));
        before.Should().BeGreaterThan(4 * after);
    }

    [Fact]
    public void Another_contract_ends_with_code_1()
    {
        var original = Write("residual");
        var other = _folder.PathTo("other.onnx");
        File.Copy(original, other);
        var result = ToolProcess.Run("diff", other, Write("mlp"));
        result.ExitCode.Should().Be(ExitCode.CheckFailed);
        result.Output.Should().Contain("is gone").And.Contain("The contract with callers is not the same.");
    }

    [Fact]
    public void The_doctor_finds_a_runtime_and_says_which_lowering_will_be_used()
    {
        var result = ToolProcess.Start("doctor", "--json");
        result.ExitCode.Should().Be(ExitCode.Done, result.ToString());
        using var report = JsonDocument.Parse(result.Output);
        var findings = report.RootElement.GetProperty("findings").EnumerateArray()
            .ToDictionary(finding => finding.GetProperty("subject").GetString()!);
        findings["training API"].GetProperty("state").GetString().Should().Be("absent");
        findings["training API"].GetProperty("fix").GetString().Should().Contain("--ort-library");
        findings["lowering"].GetProperty("detail").GetString().Should().Contain("--runtime stock");
        findings["operators"].GetProperty("state").GetString().Should().Be("ok");
        findings["providers"].GetProperty("detail").GetString().Should().Contain("CPUExecutionProvider");
    }

    [Fact]
    public void The_doctor_knows_a_runtime_that_trains()
    {
        TrainingRuntime.Require();
        var result = ToolProcess.Start("doctor", "--ort-library", TrainingRuntime.Folder);
        result.ExitCode.Should().Be(ExitCode.Done, result.ToString());
        result.Output.Should().Contain("1.19.2").And.Contain("gradient operators run as they are");
    }

    [Fact]
    public void The_doctor_ends_with_code_3_where_a_library_is_none()
    {
        var file = _folder.PathTo("libonnxactnn.so");
        File.WriteAllText(file, "no library");
        ToolProcess.Run("doctor", "--operator-library", file).ExitCode.Should().Be(ExitCode.Unsupported);
    }

    [Fact]
    public void Ops_lists_every_row_of_the_table()
    {
        using var report = JsonDocument.Parse(ToolProcess.Run("ops", "--json").Output);
        report.RootElement.GetProperty("operators").EnumerateArray().Select(row => row.GetProperty("op").GetString())
            .Should().Equal(OperatorTable.All.Select(row => row.Operator.ToString()));
        ToolProcess.Run("ops").Output.Should().Contain("ConvGrad");
    }

    [Fact]
    public void The_page_of_operators_is_up_to_date() =>
        File.ReadAllText(Path.Combine(SharedFolder.Repository, "docs", "operators.md"))
            .Should().Be(
                ToolProcess.Run("ops", "--markdown").Output, "onnxactnn ops --markdown writes it from the code");

    public void Dispose() => _folder.Dispose();

    private static (long First, long Second) Pair(JsonElement pair) => (pair[0].GetInt64(), pair[1].GetInt64());

    private string Write(string model)
    {
        TestModelFiles.Write(TestModelCatalog.Find(model), _folder.Path, batch: 4);
        return _folder.PathTo(TestModelFiles.Graph);
    }
}
