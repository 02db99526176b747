using System.Diagnostics;
using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;
using OnnxActNN.Tools.Commands;
using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Training;

/// <summary>Measurements of real steps agree with each other and with what can be computed.</summary>
public sealed class MeasureTests
{
    [Fact]
    public void A_plain_session_runs_the_training_graph_in_the_training_sessions_order()
    {
        TrainingRuntime.Require();
        var zoo = ZooGraph.Open("small", "resnet-tiny");
        using var folder = new TemporaryFolder();
        var settings = new SessionSettings { Threads = 1 };
        using var feeds = zoo.Feeds(step: 0);
        using (var run = new TrainingRun(zoo.Artifacts, settings with { ProfilePrefix = folder.PathOf("training") }))
            run.Step(feeds.InOrder(run.InputNames));
        using var plain = new GradientReader(
            new GraphRun(zoo.Artifacts.TrainingModel, settings with { ProfilePrefix = folder.PathOf("plain") }),
            zoo.Signature, zoo.Parameters());
        plain.Run(feeds.Values);

        // The sessions for evaluation and optimizer write profiles too, which are shorter.
        var training = Directory.GetFiles(folder.PathOf("."), "training*").MaxBy(path => new FileInfo(path).Length)!;
        NamesIn(ExecutionProfile.ReadFile(plain.EndProfiling())).Should().NotBeEmpty()
            .And.Equal(NamesIn(ExecutionProfile.ReadFile(training)));
    }

    [Theory]
    [InlineData("lenet")]
    [InlineData("resnet-tiny")]
    [InlineData("bert-tiny")]
    public void Liveness_is_near_what_the_allocator_counts(string name)
    {
        TrainingRuntime.Require();
        var request = Request(name) with { Runtime = MeasureRuntime.Stock };
        var steps = MeasureRunner.MeasureSteps(request);
        var execution = MeasureRunner.MeasureExecution(request);

        steps.IsExactPeak.Should().BeTrue();
        execution.SavedBytes.Should().BeInRange(1, execution.PeakLivenessBytes);
        // Above liveness stand ONNX Runtime's static reuse, which holds dead buffers, and the kernels' scratch memory;
        // below it, buffers that kernels write in place of their input.
        steps.PeakBytes.Should().BeInRange(execution.PeakLivenessBytes / 2, execution.PeakLivenessBytes * 2);
        execution.PacksBeforeUnpacks.Should().BeTrue("there are none");
        execution.Shares.Should().Be(new StepShares(Pack: 0, Unpack: 0, Rebuild: 0, Profile: 0, Other: 1));
        MeasureRunner.MeasureExecution(request with { Runtime = MeasureRuntime.Training }).Should()
            .BeEquivalentTo(execution);
    }

    /// <summary>If and Loop: their bodies' kernels are in the profile, the bodies' nodes not in the graph.</summary>
    [Fact]
    public void Kernels_within_another_node_are_no_steps()
    {
        var zoo = ZooGraph.Open("small", "lenet");
        var graph = ModelReader.ReadFile(zoo.Artifacts.TrainingModel).Graph;
        var body = new Graph("body", graph);
        GraphEditor.Add(body, OperatorId.Onnx("Softplus"), "", [graph.Inputs[0]], [body.AddValue("inner")]);
        var chosen = GraphEditor.Add(
            graph, OperatorId.Onnx("If"), "if", [graph.AddValue("condition")], [graph.AddValue("chosen")]);
        chosen.Attributes.Set("then_branch", new AttributeValue.Subgraph(body));
        var kernels = graph.Nodes.Select(node => Kernel(node.Name, node.Operator.Type)).ToList();

        var executed = new ExecutedGraph(
            graph, zoo.Signature.LossOutput, graph, [Kernel("Softplus_7", "Softplus"), .. kernels]);

        executed.Kernels.Should().Equal(kernels);
        executed.Timeline.BytesAt.Should().HaveCount(kernels.Count);

        static ExecutedKernel Kernel(string node, string op) => new(node, op, TimeSpan.Zero, [], []);
    }

    [Fact]
    public void Training_steps_learn_and_are_timed()
    {
        TrainingRuntime.Require();
        var zoo = ZooGraph.Open("small", "lenet");
        var measured = MeasureRunner.MeasureSteps(Request("lenet") with { Steps = 3 });
        measured.StepMilliseconds.Should().HaveCount(3).And.OnlyContain(time => time > 0);
        var recorded = zoo.Oracle().GetProperty("losses").EnumerateArray().Take(4).Select(loss => loss.GetDouble());
        measured.Losses.Should().Equal(recorded, (loss, want) => Math.Abs(loss - want) <= 1e-4 * want);
    }

    [Fact]
    public void A_graph_without_checkpoint_optimizer_or_entry_trains_with_finite_losses()
    {
        TrainingRuntime.Require();
        var request = new MeasureRequest
        {
            Model = ZooGraph.Open("large", "resnet18").Artifacts.TrainingModel,
            Dimensions = new Dictionary<string, long> { ["batch"] = 1 },
            Steps = 1,
        };
        MeasureRunner.MeasureSteps(request).Losses.Should()
            .HaveCount(2).And.OnlyContain(loss => double.IsFinite(loss) && loss > 0);
    }

    [Fact]
    public void Packs_must_run_before_unpacks()
    {
        ExecutedKernel Kernel(string type) => new(type, type, TimeSpan.Zero, [], []);
        var (pack, unpack) = (Kernel(PackOperators.QuantizePack.Type), Kernel(PackOperators.UnpackDequant.Type));
        ExecutionProfile.PacksBeforeUnpacks([pack, Kernel("Conv"), pack, unpack, unpack]).Should().BeTrue();
        ExecutionProfile.PacksBeforeUnpacks([pack, unpack, pack, unpack]).Should().BeFalse();
    }

    [Fact]
    public void Shares_are_told_by_the_kind_of_node()
    {
        ExecutedKernel Kernel(string type, int milliseconds) =>
            new(type, type, TimeSpan.FromMilliseconds(milliseconds), [], []);
        var shares = StepShares.Of(
        [
            Kernel("QuantizePack", 3), Kernel("MaskPack", 1), Kernel("IndexPack", 1), Kernel("UnpackDequant", 8),
            Kernel("MaskUnpack", 2), Kernel("BatchNormalizationGradFromPacked", 4), Kernel("ReluGradFromMask", 6),
            Kernel("ReluGradFromCodes", 1), Kernel("MaxPoolGradFromIndex", 4), Kernel("ActProfile", 20),
            Kernel("Conv", 49), Kernel("ShapeCarrier", 1),
        ]);
        shares.Should().Be(new StepShares(Pack: 0.05, Unpack: 0.10, Rebuild: 0.15, Profile: 0.20, Other: 0.50));
        StepShares.Of([]).Other.Should().Be(1);
    }

    [Fact]
    public void A_measuring_process_answers_requests_and_errors_in_one_line()
    {
        TrainingRuntime.Require();
        var output = new StringWriter();
        MeasureChild.Run(new StringReader(Json(Request("lenet"))), output).Should().BeTrue();
        MeasureChild.Run(new StringReader(Json(new MeasureRequest { Model = "/no/such.onnx" })), output).Should()
            .BeFalse();
        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Should().HaveCount(2).And.OnlyContain(line => line.StartsWith(MeasureChild.ReplyMark));
        lines[0].Should().Contain("\"peak_bytes\"").And.Contain("1.19.2");
        lines[1].Should().Contain("\"error\"").And.Contain("no/such.onnx");
    }

    [Fact]
    public void Fresh_processes_measure_each_with_its_own_library()
    {
        TrainingRuntime.Require();
        var request = Request("lenet") with { Library = TrainingRuntime.Folder };
        var measured = Tool().Measure(request);
        measured.Runtime.Should().Be("training 1.19.2");
        measured.StepMs.Should().HaveCount(3).And.BeEquivalentTo(measured.StepMs.Where(time => time > 0));
        measured.SavedBytes.Should().Be(MeasureRunner.MeasureExecution(request).SavedBytes);

        var onTheApplicationsOwn = () => Tool().Measure(request with { Library = null });
        onTheApplicationsOwn.Should().Throw<MeasureException>().WithMessage("*cannot train*");
    }

    /// <summary>
    /// Lenet at 1024 samples: freed from its end, a heap stays with the process up to twice its largest block, and here
    /// that is a large part of all. Which part, changes from step to step; the best of five has at most a fifth of the
    /// faults in nine runs.
    /// </summary>
    [Fact]
    public void Timed_steps_keep_the_pages_that_measured_memory_gives_back()
    {
        TrainingRuntime.Require();
        var request = Request("lenet") with
        {
            Library = TrainingRuntime.Folder,
            Dimensions = new Dictionary<string, long> { ["batch"] = 1024 },
            Steps = 5,
        };
        StepMeasurement Measured(MeasureKind kind) => Tool().Try(request with { Kind = kind }).Reply!.Steps!;
        var timed = Measured(MeasureKind.Time);
        var memory = Measured(MeasureKind.Memory);

        timed.PeakBytes.Should().BeNull("what is kept would count as needed");
        timed.Losses.Should().Equal(memory.Losses);
        timed.PageFaults.Should().HaveCount(request.Steps);
        // At the least what stands at the peak is fetched again in each step.
        memory.PageFaults!.Min().Should().BeGreaterThan(memory.PeakBytes!.Value / LargestPageBytes / 2);
        timed.PageFaults!.Min().Should().BeLessThan(memory.PageFaults!.Min() / 2);
    }

    [Fact]
    public void The_memory_of_a_process_grows_per_sample_as_the_allocations_do()
    {
        TrainingRuntime.Require();
        var request = Request("resnet-tiny") with { Library = TrainingRuntime.Folder };
        const string Dimension = "batch";
        const long Small = 16, Large = 80;
        var process = Tool().MeasuredBytesPerSample(request, Dimension, Small, Large);
        var exact = Tool()
            .MeasuredBytesPerSample(request with { Runtime = MeasureRuntime.Stock }, Dimension, Small, Large);
        process.Should().BeInRange(0.9 * exact, 1.1 * exact);
    }

    /// <summary>What one fault may fetch: where Linux hands out huge pages unasked, that is 2 MiB.</summary>
    private static long LargestPageBytes
    {
        get
        {
            const string HugePages = "/sys/kernel/mm/transparent_hugepage/enabled";
            var isHuge = File.Exists(HugePages)
                && File.ReadAllText(HugePages).Contains("[always]", StringComparison.Ordinal);
            return isHuge ? 2 << 20 : 4096;
        }
    }

    internal static MeasureProcess Tool() => new(() => new ProcessStartInfo(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "onnxactnn.dll"), MeasureChildCommand.Name]));

    private static IEnumerable<string> NamesIn(ExecutionProfile profile) =>
        profile.Runs[0].Select(kernel => kernel.Node);

    private static string Json(MeasureRequest request) =>
        System.Text.Json.JsonSerializer.Serialize(request, MeasureJson.Default.MeasureRequest);

    private static MeasureRequest Request(string name) => new()
    {
        Model = ZooGraph.Open("small", name).Artifacts.TrainingModel,
        Entry = Path.Combine(ZooGraph.Open("small", name).Folder, "entry.json"),
        Steps = 2,
        Threads = 1,
    };
}
