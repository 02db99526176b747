using FluentAssertions;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Passes;

/// <summary>Weight gradients at the step's peak in slices of the batch.</summary>
public sealed class SliceWeightGradientsTests
{
    private const int Slices = 4;

    private static readonly RewriteOptions Whole = new()
    {
        MinimumBytes = 0,
        Dimensions = new Dictionary<string, long> { ["batch"] = 8 },
    };

    private static readonly RewriteOptions Sliced = Whole with { BatchSlices = Slices };

    /// <summary>Graphs of whose weight gradients some stand at the peak.</summary>
    public static TheoryData<string> Names =>
        ["small/cnn-bn", "small/detector-tiny", "small/mobilenet-tiny", "small/resnet-tiny", "large/wide_resnet50_2"];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_peak_gets_lower_and_the_contract_stays(string name)
    {
        var (before, after) =
            (TrainingGraphRewriter.Rewrite(ZooModels.Read(name), Whole),
            TrainingGraphRewriter.Rewrite(ZooModels.Read(name), Sliced));

        StepPeak.Find(after.Model, Whole.Dimensions).Bytes.Should()
            .BeLessThan(StepPeak.Find(before.Model, Whole.Dimensions).Bytes);
        GraphVerifier.FindBreaches(after.Model.Graph).Should().BeEmpty();
        after.Model.Graph.Inputs.Select(input => input.Name).Should()
            .Equal(before.Model.Graph.Inputs.Select(input => input.Name));
        after.Model.Graph.Outputs.Select(output => output.Name).Should()
            .Equal(before.Model.Graph.Outputs.Select(output => output.Name));
        ModelReader.Read(after.ToBytes()).Graph.Nodes.Should().HaveCount(after.Model.Graph.Nodes.Count);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void One_slice_ends_before_the_next_begins(string name)
    {
        var result = TrainingGraphRewriter.Rewrite(ZooModels.Read(name), Sliced);
        var graph = result.Model.Graph;
        var order = ExecutionOrder.PositionsOf(graph);
        var cuts = graph.Nodes.Where(node => node.Operator == PackOperators.BatchSlice).ToList();

        cuts.Should().NotBeEmpty();
        foreach (var slices in cuts.GroupBy(cut => cut.Input(0)!))
        {
            slices.Select(SliceOf).Should()
                .Equal(Enumerable.Range(0, Slices).Select(index => BatchSlice.Create(index, Slices)));
            var end = -1;
            foreach (var cut in slices)
            {
                var gradient = cut.Output(0)!.Uses.Select(use => use.Node)
                    .Single(node => node.Operator.Type == "ConvGrad");
                var accumulator = gradient.Output(1)!.Uses.Single().Node;
                var restorers = RestorersOf(gradient.Input(1)!).ToList();
                restorers.Should()
                    .NotBeEmpty().And.OnlyContain(
                        node => SliceOf(node) == SliceOf(cut) && node.Input(2) == cut.Output(0));
                restorers.Should().OnlyContain(node => result.Pairs.Any(pair => pair.Unpacks.Contains(node)));
                int[] lives = [order[cut], .. restorers.Select(node => order[node]), order[gradient],
                    order[accumulator]];
                lives.Min().Should().BeGreaterThan(end);
                end = lives.Max();
                end.Should().Be(order[accumulator]);
            }
        }
    }

    [Fact]
    public void The_report_says_what_is_cut_and_inspect_says_so_too()
    {
        var result = TrainingGraphRewriter.Rewrite(ZooModels.Read("small/resnet-tiny"), Sliced);
        var inspected = TrainingGraphRewriter.Inspect(ZooModels.Read("small/resnet-tiny"), Sliced);

        var rows = result.Report.Rows.Where(
            row => row.Reason.Contains("in 4 slices of the batch for", StringComparison.Ordinal)).ToList();
        rows.Should().ContainSingle().Which.Consumers.Should()
            .Contain(consumer => rows[0].Reason.Contains(consumer.Node, StringComparison.Ordinal));
        inspected.Rows.Select(row => row.Reason).Should().Equal(result.Report.Rows.Select(row => row.Reason));
    }

    [Fact]
    public void Where_nothing_is_freed_nothing_is_cut()
    {
        RewriteOptions[] keeping =
        [
            Sliced with { Runtime = TargetRuntime.Stock }, Sliced with { LosslessOnly = true },
            Sliced with { SmallWorkingSet = false },
        ];
        foreach (var options in keeping)
            Cuts(TrainingGraphRewriter.Rewrite(ZooModels.Read("small/resnet-tiny"), options)).Should().BeEmpty();
        // The peak stands in the forward pass.
        Cuts(TrainingGraphRewriter.Rewrite(ZooModels.Read("small/unet-tiny"), Sliced)).Should().BeEmpty();
        // A slice of one sample of a batch of one is all of it; only that dX is made later lowers the peak.
        var one = Sliced with { Dimensions = new Dictionary<string, long> { ["batch"] = 1 } };
        foreach (var gradient in Cuts(TrainingGraphRewriter.Rewrite(ZooModels.Read("small/resnet-tiny"), one))
            .Select(cut => cut.Input(0)!))
            gradient.Uses.Select(use => use.Node.Operator.Type).Should().Contain(["ConvTranspose"]);
    }

    [Fact]
    public void The_bias_s_gradient_is_the_sum_of_the_slices_and_the_flag_goes_to_the_first()
    {
        var graph = new TestGraph();
        var (packed, shape) = (graph.Input("packed", "uint8[n]"), graph.Input("shape", "uint8[batch, 16, 8, 8, 0]"));
        var dY = graph.Apply("Neg", graph.Input("dZ", "float32[batch, 4, 8, 8]"));
        var x = graph.Apply("ai.onnxactnn::UnpackDequant", packed, shape, dY);
        var (w, flag) = (graph.Input("w", "float32[4, 16, 3, 3]"), graph.Input("flag", "bool[1]"));
        var whole = graph.ApplyAll("com.microsoft::ConvGrad", 3, [dY, x, w], ("pads", new[] { 1L, 1, 1, 1 }));
        whole[0].Producer!.SetOutput(0, null);
        var gradient = whole[1].Producer!;
        var ofWeight = graph.Apply(
            "com.microsoft::InPlaceAccumulatorV2", graph.Input("dw", "float32[4, 16, 3, 3]"), whole[1], flag).Producer!;
        var ofBias = graph.Apply(
            "com.microsoft::InPlaceAccumulatorV2", graph.Input("db", "float32[4]"), whole[2], flag).Producer!;
        foreach (var accumulator in new[] { ofWeight, ofBias }) graph.Graph.AddOutput(accumulator.Output(0)!);
        var pair = new PackedPair(null!, null!, x.Producer!, packed, shape, dY);
        pair.Unpacks.Add(x.Producer!);

        new SliceWeightGradients(graph.Model, [pair], Sliced).Apply().Should().Equal(gradient);

        GraphVerifier.FindBreaches(graph.Graph).Should().BeEmpty();
        var gradients = graph.Graph.Nodes.Where(node => node.Operator.Type == "ConvGrad").ToList();
        gradients.Should().HaveCount(Slices).And.OnlyContain(node => node.Attributes.GetInts("pads")!.Count == 4);
        var sum = ofBias.Input(1)!.Producer!;
        sum.Operator.Should().Be(OperatorId.Onnx("Sum"));
        sum.Inputs.Should().Equal(gradients.Select(node => node.Output(2)));
        var accumulators = graph.Graph.Nodes.Where(node => node.Input(0) == ofWeight.Input(0)).ToList();
        accumulators.Select(node => node.Input(1)).Should().Equal(gradients.Select(node => node.Output(1)));
        accumulators.Select(node => node.Input(2)).Should().Equal(flag, null, null, null);
        accumulators[^1].Should().BeSameAs(ofWeight);
        pair.Unpacks.Should().HaveCount(Slices).And.Equal(gradients.Select(node => node.Input(1)!.Producer!));
    }

    [Fact]
    public void Lowered_the_slices_are_one_gradient_again()
    {
        var model = ModelReader.Read(
            TrainingGraphRewriter.Rewrite(ZooModels.Read("small/resnet-tiny"), Sliced).ToBytes());
        var buffer = Accumulators(model).GroupBy(node => node.Input(0)!.Name).Should()
            .ContainSingle(slices => slices.Count() == Slices).Which.Key;

        GraphLowering.Lower(model);

        GraphVerifier.FindBreaches(model.Graph).Should().BeEmpty();
        model.Graph.Nodes.Where(node => TrainingOperators.Contains(node.Operator)).Should().BeEmpty();
        var cuts = model.Graph.Nodes.Where(node => node.Operator == PackOperators.BatchSlice).ToList();
        cuts.Should().HaveCount(Slices).And.OnlyContain(cut => cut.Input(1) == null);
        model.Graph.Find(buffer.Replace(".accumulation.buffer", "", StringComparison.Ordinal))!.IsGraphOutput.Should()
            .BeTrue();
    }

    [Theory]
    [InlineData("float32[6, 4]", "float32[2, 4]")]
    [InlineData("float32[2, 4]", "float32[1, 4]")]
    [InlineData("float32[batch, 4]", "float32[Max(1, floor(2*batch/3) - floor(batch/3)), 4]")]
    public void A_slice_has_its_share_of_the_samples(string whole, string slice)
    {
        (string, object)[] attributes = [(SliceAttributes.Index, 1L), (SliceAttributes.Count, 3L)];
        var carrier = whole.Replace("float32", "uint8", StringComparison.Ordinal)
            .Replace("]", ", 0]", StringComparison.Ordinal);

        RuleCheck.Infer("ai.onnxactnn::BatchSlice", $"{whole}; bool[1]", attributes).Should().Be(slice);
        RuleCheck.Infer("ai.onnxactnn::UnpackDequant", $"uint8[n]; {carrier}; float32[b]", attributes).Should()
            .Be(slice);
        RuleCheck.Infer(
            "ai.onnxactnn::BatchNormalizationFromPacked", $"uint8[n]; {carrier}; float32[b]; float32[4]", attributes)
            .Should().Be(slice);
    }

    private static IEnumerable<Node> Accumulators(Model model) =>
        model.Graph.Nodes.Where(node => node.Operator == TrainingOperators.Accumulator);

    private static List<Node> Cuts(RewriteResult result) =>
        [.. result.Model.Graph.Nodes.Where(node => node.Operator == PackOperators.BatchSlice)];

    private static BatchSlice SliceOf(Node node) =>
        BatchSlice.Create(
            node.Attributes.GetInt(SliceAttributes.Index, 0), node.Attributes.GetInt(SliceAttributes.Count, 0));

    private static IEnumerable<Node> RestorersOf(Value restored)
    {
        for (var value = restored; value?.Producer is { } node && PackOperators.ReadsPacked(node.Operator);
            value = node.Input(8))
            yield return node;
    }
}
