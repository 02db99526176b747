using System.Globalization;
using System.Text.Json;
using FluentAssertions;
using Google.Protobuf;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Onnx.Proto;
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
    /// <summary>
    /// Reads a snapshot and holds it to what PyTorch's viewer does with one: the codes of pickle that it knows; the
    /// fields of events, frames, segments and blocks that it reads; a segment around every block that is alive at any
    /// event; no category, with which it fails.
    /// </summary>
    private const string ReadSnapshot = """
        import json, pickle, pickletools, sys
        data = open(sys.argv[1], "rb").read()
        known = {"PROTO", "STOP", "MARK", "EMPTY_DICT", "EMPTY_LIST", "SETITEMS", "SETITEM", "APPENDS", "APPEND",
            "BININT", "BININT1", "BININT2",
                 "LONG1", "BINUNICODE", "SHORT_BINUNICODE", "NONE", "NEWTRUE", "NEWFALSE", "BINFLOAT", "EMPTY_TUPLE",
                 "TUPLE1", "TUPLE2", "TUPLE3"}
        assert {code.name for code, _, _ in pickletools.genops(data)} <= known
        snapshot = pickle.loads(data)
        (trace,), (segment,) = snapshot["device_traces"], snapshot["segments"]
        assert segment["device"] == 0 and segment["stream"] == 0 and segment["frames"] == []
        assert sum(block["size"] for block in segment["blocks"]) == segment["total_size"]
        left, address = {}, segment["address"]
        for block in segment["blocks"]:
            assert block["state"] in ("active_allocated", "inactive") and block["requested_size"] <= block["size"]
            if block["state"] == "active_allocated": left[address] = block["requested_size"]
            address += block["size"]
        live, peak, alive, addresses = 0, 0, {}, set()
        for number, event in enumerate(trace):
            assert "category" not in event and event["stream"] == 0 and event["size"] > 0
            for frame in event["frames"]:
                assert frame["name"] and frame["filename"] and frame["line"] >= 0
            if event["action"] == "alloc":
                assert event["addr"] not in addresses
                assert segment["address"] <= event["addr"]
                assert event["addr"] + event["size"] <= segment["address"] + segment["total_size"]
                addresses.add(event["addr"])
                alive[event["addr"]] = event["size"]
                live += event["size"]
            elif event["action"] == "free_completed":
                assert trace[number - 1]["action"] == "free_requested" and trace[number - 1]["addr"] == event["addr"]
                assert alive.pop(event["addr"]) == event["size"]
                live -= event["size"]
            else:
                assert event["action"] == "free_requested"
            peak = max(peak, live)
        assert alive == left
        print(json.dumps({"peak": peak, "end": live, "frames": [frame["filename"] for frame in trace[-1]["frames"]]}))
        """;

    /// <summary>Counts lines and columns of a table, and adds up one column.</summary>
    private const string ReadTable = """
        import csv, json, sys
        rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8", newline=""), strict=True))
        assert all(None not in row and None not in row.values() for row in rows)
        print(json.dumps({"names": [row["name"] for row in rows], "bytes": sum(int(row["bytes"]) for row in rows)}))
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
    public void Names_with_separators_stay_one_field()
    {
        const string Odd = "a, \"b\"\nand ü";
        var path = Write("residual");
        var message = ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        var renamed = message.Graph.Node[0].Output[0];
        foreach (var names in message.Graph.Node.SelectMany(node => new[] { node.Input, node.Output }))
        {
            for (var index = 0; index < names.Count; index++)
                if (names[index] == renamed) names[index] = Odd;
        }
        File.WriteAllBytes(path, message.ToByteArray());
        ToolProcess.Run("export", path, "--dim", "batch=4", "--format", "csv", "-o", _folder.PathTo("out"))
            .ExitCode.Should().Be(ExitCode.Done);
        var read = RunPython(ReadTable, _folder.PathTo("out"));
        read.ExitCode.Should().Be(0, read.ToString());
        using var result = JsonDocument.Parse(read.Output);
        result.RootElement.GetProperty("names").EnumerateArray().Select(name => name.GetString()).Should()
            .Contain(Odd);
        result.RootElement.GetProperty("bytes").GetInt64().Should().Be(Predict().Buffers.Sum(buffer => buffer.Bytes));
    }

    [Fact]
    public void The_timeline_reaches_the_peak()
    {
        var predicted = Predict();
        var totals = Export("timeline-csv").Skip(1)
            .Select(line => long.Parse(line.Split(',')[^1], CultureInfo.InvariantCulture)).ToList();
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
            foreach (var number in new[] { "ts", "pid", "tid" })
                item.GetProperty(number).GetInt64().Should().BeGreaterThanOrEqualTo(0);
            if (item.GetProperty("ph").GetString() == "X") item.GetProperty("dur").GetInt64().Should().BePositive();
        }
        List<(int, string?)> Ids(string phase) => [.. events.Where(item => item.GetProperty("ph").GetString() == phase)
            .Select(item => (item.GetProperty("id").GetInt32(), item.GetProperty("cat").GetString())).Order()];
        Ids("b").Should().OnlyHaveUniqueItems().And.Equal(Ids("e"));
        // Perfetto tells lives apart by process, category, name and id; counters are numbers.
        (string?, string?, int, long) Life(JsonElement item) => (
            item.GetProperty("cat").GetString(), item.GetProperty("name").GetString(),
            item.GetProperty("id").GetInt32(), item.GetProperty("pid").GetInt64());
        var begins = events.Where(item => item.GetProperty("ph").GetString() == "b")
            .ToDictionary(Life, item => item.GetProperty("ts").GetInt64());
        foreach (var end in events.Where(item => item.GetProperty("ph").GetString() == "e"))
            end.GetProperty("ts").GetInt64().Should().BeGreaterThan(begins[Life(end)]);
        events.Where(item => item.GetProperty("ph").GetString() == "C")
            .SelectMany(item => item.GetProperty("args").EnumerateObject())
            .Should().OnlyContain(number => number.Value.ValueKind == JsonValueKind.Number);
        events.Count(item => item.GetProperty("ph").GetString() == "b").Should().Be(predicted.Buffers.Count);
    }

    [Fact]
    public void Python_reads_the_snapshot()
    {
        Export("memory-viz");
        var read = RunPython(ReadSnapshot, _folder.PathTo("out"));
        read.ExitCode.Should().Be(0, read.ToString());
        using var result = JsonDocument.Parse(read.Output);
        var predicted = Predict();
        result.RootElement.GetProperty("peak").GetInt64().Should().Be(predicted.PeakBytes + predicted.ConstantBytes);
        result.RootElement.GetProperty("end").GetInt64().Should().Be(predicted.ConstantBytes);
        var last = predicted.Steps[^1];
        result.RootElement.GetProperty("frames").EnumerateArray().Select(frame => frame.GetString()).Should()
            .HaveCount(2).And.EndWith(last.Node);
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
        var read = RunPython("import pickle, sys; print(ascii(pickle.load(open(sys.argv[1], 'rb'))))", path);
        read.Output.Trim().Should().Be($"[{number}, '\\xfcn\\xefcode']", read.ToString());
    }

    [Fact]
    public void Node_data_has_the_saved_results()
    {
        using var data = JsonDocument.Parse(string.Join('\n', Export("model-explorer")));
        var results = data.RootElement.GetProperty("results").EnumerateObject()
            .ToDictionary(entry => entry.Name, entry => entry.Value);
        results.Values.Sum(entry => entry.GetProperty("value").GetInt64()).Should().Be(Predict().SavedBytes);
        // The adapter for ONNX finds nodes by their names, and graph inputs as "[value] NAME".
        var graph = TestModelCatalog.Find("residual").Build().Graph;
        results.Keys.Should().BeSubsetOf(
            [.. graph.Nodes.Select(node => node.Name), .. graph.Inputs.Select(input => $"[value] {input.Name}")]);
        results.Keys.Should().NotContain("results", "the viewer would take the file for one of several graphs");
        // Colours between the smallest and the largest value, both of which must have one.
        var gradient = data.RootElement.GetProperty("gradient").EnumerateArray().ToList();
        gradient.Select(item => item.GetProperty("stop").GetDouble()).Should().Equal(0, 1);
        foreach (var item in gradient) item.GetProperty("bgColor").GetString().Should().MatchRegex("^#[0-9a-f]{6}$");
    }

    [Fact]
    public void Netron_gets_the_model_with_properties_and_ONNX_Runtime_still_opens_it()
    {
        Export("netron", "step-residual");
        var bytes = File.ReadAllBytes(_folder.PathTo("out"));
        System.Text.Encoding.Latin1.GetString(bytes).Should().Contain(NetronExport.Prefix + "saved_bytes");
        using var run = new GraphRun(bytes, new SessionSettings { Threads = 1 });
        run.InputNames.Should().NotBeEmpty();
        ModelReader.Read(bytes).Graph.Nodes.Count.Should()
            .Be(TestModelCatalog.Find("step-residual").Build().Graph.Nodes.Count);
        // What Netron lists of a node: entries with a key and a value, at NodeProto's field for them.
        foreach (var node in ModelProto.Parser.ParseFrom(bytes).Graph.Node)
        {
            node.MetadataProps.Select(entry => entry.Key).Should().OnlyHaveUniqueItems()
                .And.Contain(
                    [NetronExport.Prefix + "pass", NetronExport.Prefix + "step", NetronExport.Prefix + "bytes_alive"]);
            node.MetadataProps.Should().OnlyContain(entry => entry.Value.Length > 0);
        }
    }

    [Fact]
    public void An_unknown_format_is_a_usage_error() =>
        ToolProcess.Run(
            "export", Write("residual"), "--format", "picture", "-o", _folder.PathTo("out")).ExitCode.Should()
            .Be(ExitCode.Usage);

    public void Dispose() => _folder.Dispose();

    private static ChildProcess.Result RunPython(string script, string argument) =>
        ChildProcess.Run(Requirement.Program(["python3"], "python3"), ["-c", script, argument]);

    private static MemoryPrediction Predict() =>
        MemoryPredictor.Predict(
            TestModelCatalog.Find("residual").Build(), new Dictionary<string, long> { ["batch"] = 4 });

    private string Write(string model)
    {
        TestModelFiles.Write(TestModelCatalog.Find(model), _folder.Path, batch: 4);
        return _folder.PathTo(TestModelFiles.Graph);
    }

    private string[] Export(string format, string model = "residual")
    {
        var result = ToolProcess.Run(
            "export", Write(model), "--dim", "batch=4", "--format", format, "-o", _folder.PathTo("out"));
        result.ExitCode.Should().Be(ExitCode.Done, result.ToString());
        return File.ReadAllLines(_folder.PathTo("out"));
    }
}
