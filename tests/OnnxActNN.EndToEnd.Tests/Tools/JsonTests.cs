using System.Text.Json;
using FluentAssertions;
using OnnxActNN.Testing;
using OnnxActNN.TestModels;
using OnnxActNN.Tools;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Tools;

/// <summary>The tool's JSON: its fields are what docs/tool.md says, and scripts may rely on them.</summary>
public sealed class JsonTests : IDisposable
{
    private static readonly string[] RowFields =
    [
        "name", "dtype", "shape", "symbolic_bytes", "bytes", "is_alias", "is_counted", "class", "decision", "reason",
        "producer", "stores", "consumers",
    ];

    private static readonly string[] Decisions = ["exact", "quantize", "mask", "index", "rebuild", "shape"];

    private readonly TempFolder _folder = new();

    [Fact]
    public void Inspect_lists_every_saved_tensor()
    {
        var report = Parse(ToolProcess.Run("inspect", Write("residual"), "--dim", "batch=4", "--json"));

        Names(report).Should().Equal("dialect", "forward_nodes", "backward_nodes", "saved", "totals");
        report.GetProperty("dialect").GetString().Should().Be("ort_artifacts");
        Names(report.GetProperty("totals")).Should().Equal("saved_bytes");
        var rows = report.GetProperty("saved").EnumerateArray().ToList();
        rows.Should().NotBeEmpty().And.AllSatisfy(row =>
        {
            Names(row).Should().Equal(RowFields);
            Decisions.Should().Contain(row.GetProperty("decision").GetString());
            row.GetProperty("consumers").EnumerateArray().Should().NotBeEmpty().And.AllSatisfy(consumer =>
                Names(consumer).Should().Equal("node", "op", "input", "class", "decision", "bits", "reads"));
        });
        var plane = rows.Single(row => row.GetProperty("name").GetString() == "/stem/Conv_output_0");
        plane.GetProperty("shape").GetRawText().Should().MatchRegex("\"batch\",\\s*8,\\s*28,\\s*28");
        plane.GetProperty("symbolic_bytes").GetString().Should().Be("4*batch*8*28*28");
        plane.GetProperty("bytes").GetInt64().Should().Be(4L * 4 * 8 * 28 * 28);
        rows.Where(row => row.GetProperty("is_counted").GetBoolean()).Sum(row => row.GetProperty("bytes").GetInt64())
            .Should().Be(report.GetProperty("totals").GetProperty("saved_bytes").GetInt64());
    }

    [Fact]
    public void Without_sizes_bytes_are_null_and_their_formula_stands()
    {
        var row = Parse(ToolProcess.Run("inspect", Write("residual"), "--json")).GetProperty("saved")[0];
        row.GetProperty("bytes").ValueKind.Should().Be(JsonValueKind.Null);
        row.GetProperty("symbolic_bytes").GetString().Should().StartWith("4*batch*");
    }

    [Fact]
    public void Rewrite_adds_what_is_stored()
    {
        var packed = _folder.PathTo("packed.onnx");
        var report = Parse(ToolProcess.Run(
            "rewrite", Write("residual"), "-o", packed, "--dim", "batch=4", "--json"));

        Names(report.GetProperty("totals")).Should().Equal("saved_bytes", "stored_bytes", "ratio");
        foreach (var row in report.GetProperty("saved").EnumerateArray())
        {
            Names(row).Should().Equal([.. RowFields, "stored_bytes", "bits"]);
            if (row.GetProperty("decision").GetString() != "quantize") continue;
            var bits = 8.0 * row.GetProperty(
                "stored_bytes").GetInt64() / (row.GetProperty("bytes").GetInt64() / sizeof(float));
            row.GetProperty("bits").GetDouble().Should().BeApproximately(bits, 1e-9);
        }
        report.GetProperty("totals").GetProperty("ratio").GetDouble().Should().BeGreaterThan(4);
    }

    [Fact]
    public void Measure_compares_two_models()
    {
        TrainingRuntime.Require();
        var original = Write("residual");
        var packed = _folder.PathTo("packed.onnx");
        ToolProcess.Run("rewrite", original, "-o", packed).ExitCode.Should().Be(0);

        var report = Parse(ToolProcess.Start(
            "measure", original, "--against", packed, "--dim", "batch=4", "--steps", "2", "--ort-library",
            TrainingRuntime.Folder, "--json"));

        Names(report).Should().Equal("models", "ratios");
        Names(report.GetProperty("ratios")).Should().Equal("saved", "peak_liveness", "peak_measured", "step_time");
        var models = report.GetProperty("models").EnumerateArray().ToList();
        models.Should().HaveCount(2).And.AllSatisfy(model => Names(model).Should().Equal(
            "path", "runtime", "dims", "saved_bytes", "peak_liveness_bytes", "peak_measured_bytes", "step_ms",
            "step_system_ms", "step_page_faults", "shares", "losses", "packs_before_unpacks", "passthrough_copies",
            "passthrough_copied_bytes"));
        models[0].GetProperty("runtime").GetString().Should().Be("training 1.19.2");
        models[0].GetProperty("dims").GetProperty("batch").GetInt64().Should().Be(4);
        models.Select(model => model.GetProperty("losses")[0].GetDouble()).Distinct().Should().ContainSingle();
        models[1].GetProperty("packs_before_unpacks").GetBoolean().Should().BeTrue();
        models[1].GetProperty("passthrough_copies").GetInt64().Should().Be(0);
        var ratio = models[0].GetProperty("saved_bytes").GetDouble() / models[1].GetProperty("saved_bytes").GetDouble();
        report.GetProperty("ratios").GetProperty("saved").GetDouble().Should().BeApproximately(ratio, 1e-9);
    }

    [Fact]
    public void A_packed_graph_in_a_plain_session_of_the_training_build_is_refused_with_the_way_out()
    {
        TrainingRuntime.Require();
        var packed = _folder.PathTo("packed.onnx");
        ToolProcess.Run("rewrite", Write("residual"), "-o", packed).ExitCode.Should().Be(ExitCode.Done);

        var result = ToolProcess.Start(
            "measure", packed, "--runtime", "stock", "--dim", "batch=4", "--ort-library", TrainingRuntime.Folder);

        result.ExitCode.Should().Be(ExitCode.Unsupported, result.ToString());
        result.Errors.Should().Contain("1.19.2").And.Contain("--runtime training");
    }

    [Fact]
    public void The_demo_trains_on_the_onnx_runtime_that_the_tool_carries()
    {
        var report = Parse(ToolProcess.Start("demo", "--json"));

        Names(report).Should().Equal("runs", "ratios");
        Names(report.GetProperty("ratios")).Should().Equal("saved", "peak_liveness", "peak_measured");
        var runs = report.GetProperty("runs").EnumerateArray().ToList();
        runs.Select(run => run.GetProperty("run").GetString()).Should().Equal("float32", "2 bits");
        runs.Should().AllSatisfy(run =>
        {
            Names(run).Should().Equal(
                "run", "epochs", "loss", "eval_loss", "accuracy", "samples_per_second", "saved_bytes",
                "peak_liveness_bytes", "peak_measured_bytes");
            run.GetProperty("accuracy").GetDouble().Should().BeGreaterThan(0.6, "guessing gets 0.1");
        });
        report.GetProperty("ratios").GetProperty("saved").GetDouble().Should().BeGreaterThan(8);
        report.GetProperty("ratios").GetProperty("peak_measured").GetDouble().Should().BeGreaterThan(1.5);
    }

    [Fact]
    public void The_demos_tables_fit_80_columns()
    {
        var result = ToolProcess.Start("demo", "--epochs", "1");

        result.ExitCode.Should().Be(0, result.ToString());
        result.Output.Split('\n').Should().OnlyContain(line => line.Length <= 80).And.Contain(
            line => line.Contains("x less", StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private string Write(string model)
    {
        TestModelFiles.Write(TestModelCatalog.Find(model), _folder.Path, batch: 4);
        return _folder.PathTo(TestModelFiles.Graph);
    }

    private static IEnumerable<string> Names(JsonElement element) =>
        element.EnumerateObject().Select(property => property.Name);

    private static JsonElement Parse(ChildProcess.Result result)
    {
        result.ExitCode.Should().Be(0, result.ToString());
        using var document = JsonDocument.Parse(result.Output);
        return document.RootElement.Clone();
    }
}
