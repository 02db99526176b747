using System.Globalization;
using System.Text.Json;
using FluentAssertions;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;
using OnnxActNN.TestModels;
using OnnxActNN.Tools;
using OnnxActNN.Tools.Exporting;
using OnnxActNN.Training.Prediction;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Tools;

/// <summary>What other viewers get holds the same numbers as the prediction that it comes from.</summary>
public sealed class ExportTests : IDisposable
{
    private const string ReadSnapshot = """
        import json, pickle, sys
        trace = pickle.load(open(sys.argv[1], "rb"))["device_traces"][0]
        live, peak, addresses = 0, 0, set()
        for event in trace:
            if event["action"] == "alloc":
                assert event["addr"] not in addresses
                addresses.add(event["addr"])
                live += event["size"]
            if event["action"] == "free_completed":
                live -= event["size"]
            peak = max(peak, live)
        print(json.dumps({"peak": peak, "end": live, "frame": trace[-1]["frames"][0]["name"]}))
        """;

    private readonly TempFolder _folder = new();

    [Fact]
    public void The_table_of_buffers_has_a_line_for_each()
    {
        var lines = Export("csv");
        lines[0].Should().Be("name,category,bytes,first_step,last_step,first_node,last_node");
        lines.Skip(1).Sum(line => long.Parse(line.Split(',')[2], CultureInfo.InvariantCulture))
            .Should().Be(Predict().Buffers.Sum(buffer => buffer.Bytes));
    }

    [Fact]
    public void The_timeline_reaches_the_peak()
    {
        var predicted = Predict();
        var totals = Export("timeline-csv").Skip(1).Select(line => long.Parse(line.Split(',')[^1], CultureInfo.InvariantCulture)).ToList();
        totals.Should().HaveCount(predicted.Steps.Count);
        totals.Max().Should().Be(predicted.PeakBytes + predicted.ConstantBytes);
    }

    [Fact]
    public void The_trace_counts_the_same_bytes()
    {
        var predicted = Predict();
        using var trace = JsonDocument.Parse(string.Join('\n', Export("chrome-trace")));
        var events = trace.RootElement.GetProperty("traceEvents").EnumerateArray().ToList();
        events.Where(item => item.GetProperty("ph").GetString() == "C")
            .Max(item => item.GetProperty("args").EnumerateObject().Sum(category => category.Value.GetInt64()))
            .Should().Be(predicted.PeakBytes + predicted.ConstantBytes);
        // What the Trace Event Format wants of each phase; lives end as often as they begin, under the same id.
        foreach (var item in events)
        {
            item.GetProperty("name").GetString().Should().NotBeNullOrEmpty();
            foreach (var number in new[] { "ts", "pid", "tid" }) item.GetProperty(number).GetInt64().Should().BeGreaterThanOrEqualTo(0);
            if (item.GetProperty("ph").GetString() == "X") item.GetProperty("dur").GetInt64().Should().BePositive();
        }
        List<(int, string?)> Ids(string phase) => [.. events.Where(item => item.GetProperty("ph").GetString() == phase)
            .Select(item => (item.GetProperty("id").GetInt32(), item.GetProperty("cat").GetString())).Order()];
        Ids("b").Should().OnlyHaveUniqueItems().And.Equal(Ids("e"));
        events.Count(item => item.GetProperty("ph").GetString() == "b").Should().Be(predicted.Buffers.Count);
    }

    [Fact]
    public void Python_reads_the_snapshot()
    {
        Export("memory-viz");
        var read = ChildProcess.Run("python3", ["-c", ReadSnapshot, _folder.PathTo("out")]);
        read.ExitCode.Should().Be(0, read.ToString());
        using var result = JsonDocument.Parse(read.Output);
        var predicted = Predict();
        result.RootElement.GetProperty("peak").GetInt64().Should().Be(predicted.PeakBytes + predicted.ConstantBytes);
        result.RootElement.GetProperty("end").GetInt64().Should().Be(predicted.ConstantBytes);
        result.RootElement.GetProperty("frame").GetString().Should().EndWith(")");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MaxValue + 1L)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Python_reads_every_number(long number)
    {
        using var pickle = new PickleWriter();
        pickle.OpenList();
        pickle.Write(number);
        pickle.BreakList();
        pickle.Write("ünïcode");
        pickle.CloseList();
        var path = _folder.PathTo("number.pickle");
        File.WriteAllBytes(path, pickle.ToArray());
        var read = ChildProcess.Run("python3", ["-c", "import pickle, sys; print(ascii(pickle.load(open(sys.argv[1], 'rb'))))", path]);
        read.Output.Trim().Should().Be($"[{number}, '\\xfcn\\xefcode']", read.ToString());
    }

    [Fact]
    public void Node_data_has_the_saved_results()
    {
        using var data = JsonDocument.Parse(string.Join('\n', Export("model-explorer")));
        data.RootElement.GetProperty("results").EnumerateObject().Sum(entry => entry.Value.GetProperty("value").GetInt64())
            .Should().Be(Predict().SavedBytes);
    }

    [Fact]
    public void Netron_gets_the_model_with_properties_and_ONNX_Runtime_still_opens_it()
    {
        Export("netron", "step-residual");
        var bytes = File.ReadAllBytes(_folder.PathTo("out"));
        System.Text.Encoding.Latin1.GetString(bytes).Should().Contain(NetronExport.Prefix + "saved_bytes");
        using var run = new GraphRun(bytes, new SessionSettings { Threads = 1 });
        run.InputNames.Should().NotBeEmpty();
        ModelReader.Read(bytes).Graph.Nodes.Count.Should().Be(TestModelCatalog.Find("step-residual").Build().Graph.Nodes.Count);
    }

    [Fact]
    public void An_unknown_format_is_a_usage_error() =>
        ToolProcess.Run("export", Write("residual"), "--format", "picture", "-o", _folder.PathTo("out")).ExitCode.Should().Be(ExitCode.Usage);

    public void Dispose() => _folder.Dispose();

    private static MemoryPrediction Predict() =>
        MemoryPredictor.Predict(TestModelCatalog.Find("residual").Build(), new Dictionary<string, long> { ["batch"] = 4 });

    private string Write(string model)
    {
        TestModelFiles.Write(TestModelCatalog.Find(model), _folder.Path, batch: 4);
        return _folder.PathTo(TestModelFiles.Graph);
    }

    private string[] Export(string format, string model = "residual")
    {
        var result = ToolProcess.Run("export", Write(model), "--dim", "batch=4", "--format", format, "-o", _folder.PathTo("out"));
        result.ExitCode.Should().Be(ExitCode.Done, result.ToString());
        return File.ReadAllLines(_folder.PathTo("out"));
    }
}
