using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Passes;

/// <summary>Gradients of convolutions as weight gradient, then input gradient.</summary>
public sealed class SplitConvolutionGradientTests
{
    private const string Gradient = "com.microsoft::ConvGrad";

    public static TheoryData<string> Names => ZooModels.Names();

    /// <summary>
    /// Which of them are taken apart follows from the order alone; so one graph is to be good at every batch.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void No_batch_has_a_lower_peak_with_whole_gradients(string name)
    {
        var graph = Rewrite(name, out var peakAt);
        long[] batches = [2, 8, 32];
        var peaks = batches.Select(peakAt).ToList();

        foreach (var weights in SplitIn(graph)) PutTogether(weights);

        batches.Select(peakAt).Zip(peaks).Should().OnlyContain(peak => peak.First >= peak.Second);
    }

    [Theory]
    [InlineData("small/mobilenet-tiny")]
    [InlineData("small/resnet-tiny")]
    [InlineData("small/unet-tiny")]
    [InlineData("large/googlenet")]
    [InlineData("large/resnet50")]
    public void The_peak_is_no_lower_with_any_of_them_whole(string name)
    {
        var split = SplitIn(Rewrite(name, out var peakAt)).Count;
        var peak = peakAt(8);

        split.Should().BePositive();
        for (var index = 0; index < split; index++)
        {
            var graph = Rewrite(name, out peakAt);
            PutTogether(SplitIn(graph)[index]);
            peakAt(8).Should().BeGreaterThanOrEqualTo(peak);
        }
    }

    /// <summary>
    /// The scales of its normalizations stand behind all weights of its convolutions, so their gradients run first.
    /// </summary>
    [Fact]
    public void Where_the_input_s_gradient_is_asked_for_first_the_gradient_stays_whole()
    {
        var graph = Rewrite("small/groupnorm-tiny", out _);

        SplitIn(graph).Should().BeEmpty();
        graph.Nodes.Should().Contain(node => node.Operator.Type == "ConvGrad" && node.Output(0) != null);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void The_first_reader_of_each_decides(bool isWeightLast, bool isSplit)
    {
        var graph = new TestGraph();
        var dY = graph.Input("dY", "float32[batch, 4, 8, 8]");
        var (x, w) = (graph.Input("x", "float32[batch, 16, 8, 8]"), graph.Input("w", "float32[4, 16, 3, 3]"));
        var made = graph.ApplyAll(Gradient, 2, [dY, x, w], ("pads", new[] { 1L, 1, 1, 1 }));
        // Of several leaves the one that stands last runs first.
        foreach (var gradient in isWeightLast ? made : made.Reverse())
            graph.Graph.AddOutput(graph.Apply("Neg", gradient));

        new SplitConvolutionGradient(
            graph.Graph, value => value.Declared, ExecutionOrder.PositionsOf(graph.Graph)).Apply();

        GraphVerifier.FindBreaches(graph.Graph).Should().BeEmpty();
        made[0].Producer!.Operator.Type.Should().Be(isSplit ? "ConvTranspose" : "ConvGrad");
        made[1].Producer!.Operator.Type.Should().Be("ConvGrad");
        if (!isSplit) return;
        var executed = ExecutionOrder.PositionsOf(graph.Graph);
        executed[made[1].Producer!].Should().BeLessThan(executed[made[0].Producer!]);
    }

    /// <summary>
    /// ONNX Runtime would hold a buffer of the turned weights' fixed shape until the next value that has this shape.
    /// </summary>
    [Theory]
    [InlineData(64, "Conv")]
    [InlineData(65, "ConvTranspose")]
    public void Weights_larger_than_a_sample_are_not_turned(int channels, string op)
    {
        var graph = new TestGraph();
        var dY = graph.Input("dY", $"float32[batch, {channels}, 8, 8]");
        var (x, w) = (graph.Input("x", "float32[batch, 16, 8, 8]"), graph.Input("w", $"float32[{channels}, 16, 1, 1]"));
        var made = graph.ApplyAll(Gradient, 2, [dY, x, w]);
        foreach (var gradient in made) graph.Graph.AddOutput(graph.Apply("Neg", gradient));

        new SplitConvolutionGradient(
            graph.Graph, value => value.Declared, ExecutionOrder.PositionsOf(graph.Graph)).Apply();

        made[0].Producer!.Operator.Should().Be(OperatorId.Onnx(op));
        made[0].Producer!.Input(0).Should().BeSameAs(dY);
    }

    private static Graph Rewrite(string name, out Func<long, long> peakAt)
    {
        var model = TrainingGraphRewriter.Rewrite(
            ZooModels.Read(name), new RewriteOptions { OwnDimensionNames = false }).Model;
        peakAt = batch => StepPeak.Find(model, new Dictionary<string, long> { ["batch"] = batch }).Bytes;
        return model.Graph;
    }

    /// <summary>The weight gradients whose other half is a node of its own.</summary>
    private static List<Node> SplitIn(Graph graph) =>
        [.. graph.Nodes.Where(node => node.Operator.Type == "ConvGrad" && OtherHalf(node) is not null)];

    private static Node? OtherHalf(Node weights) => weights.Output(0) is null
        ? weights.Input(0)!.Uses.Select(use => use.Node).FirstOrDefault(
            node => node.DocString == weights.DocString && (node.Operator.Type == "ConvTranspose"
                ? node.Input(1) == weights.Input(2)
                : node.Operator.Type == "Conv" && node.Input(1)!.Producer?.Input(0) == weights.Input(2)))
        : null;

    private static void PutTogether(Node weights)
    {
        var half = OtherHalf(weights)!;
        var (dX, turned) = (half.Output(0), half.Operator.Type == "Conv" ? half.Input(1)!.Producer : null);
        half.SetOutput(0, null);
        GraphEditor.Remove(half);
        if (turned is not null) GraphEditor.Remove(turned);
        weights.SetOutput(0, dX);
    }
}
