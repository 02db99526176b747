using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Operators;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Lowering;

/// <summary>What must hold of every lowered training graph, read back from its bytes.</summary>
public sealed class LoweredGraphTests
{
    private const string BufferSuffix = "_grad.accumulation.buffer";

    /// <summary>
    /// A lowered graph may save less (a gradient operator read a tensor for an output that nobody wants), never more.
    /// </summary>
    private const double MostSaved = 1.001;

    private const double LeastSaved = 0.95;

    public static TheoryData<string> Names => ZooModels.Names();

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_legal_and_has_no_training_operator(string name)
    {
        var lowered = Lower(name);

        GraphVerifier.FindBreaches(lowered.Graph).Should().BeEmpty();
        lowered.Graph.Nodes.Where(node => TrainingOperators.Contains(node.Operator)).Should().BeEmpty();
        lowered.Opset.Should().BeInRange(15, 17);
    }

    /// <summary>Gradients of attention and activations as the gradient builder wrote them.</summary>
    private static readonly RewriteOptions AsBuilt = new() { ProbabilityCodes = false, DerivativeCodes = false };

    /// <summary>
    /// A loss's gradient that is lowered reads log-probabilities; no operator reads codes of it any more.
    /// </summary>
    private static StorageClass ClassOf(SavedTensor tensor) =>
        tensor.Need == Need.Exponential ? StorageClass.E : tensor.Class;

    [Theory]
    [MemberData(nameof(Names))]
    public void Saves_what_the_original_saves_and_for_the_same_needs(string name)
    {
        var original = TrainingGraph.Prepare(ZooModels.Read(name), AsBuilt);
        var lowered = TrainingGraph.AnalyseSimplified(Lower(name), AsBuilt);
        var sizes = ZooModels.ExampleSizes(name);

        var ratio = (double)SavedBytes(lowered, sizes) / SavedBytes(original, sizes);

        ratio.Should().BeInRange(LeastSaved, MostSaved);
        var needs = original.Saved.ToDictionary(tensor => tensor.Value.Name, ClassOf);
        foreach (var tensor in lowered.Saved)
            tensor.Class.Should()
                .BeOneOf([needs[tensor.Value.Name]], $"that is what the original needs of '{tensor.Value}'");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Has_gradients_in_the_place_of_accumulators(string name)
    {
        var original = ZooModels.Read(name).Graph;
        var parameters = original.Inputs.Select(input => input.Name)
            .Where(input => input.EndsWith(BufferSuffix, StringComparison.Ordinal))
            .Select(input => input[..^BufferSuffix.Length]).ToList();

        var graph = Lower(name).Graph;

        graph.Inputs.Select(input => input.Name).Should().Equal(original.Inputs.Select(input => input.Name)
            .Where(input => input != "lazy_reset_grad" && !input.EndsWith(BufferSuffix, StringComparison.Ordinal)));
        graph.Outputs.Select(output => output.Name).Should().Equal(original.Outputs.Select(output =>
            output.Name.Replace("_grad.accumulation.out", "_grad", StringComparison.Ordinal)));
        parameters.Select(parameter => $"{parameter}_grad")
            .Should().BeSubsetOf(graph.Outputs.Select(output => output.Name));
        foreach (var parameter in parameters)
            graph.Find($"{parameter}_grad")!.Declared!.Shape!.ToString().Should()
                .Be(graph.Find(parameter)!.Declared!.Shape!.ToString());
    }

    /// <summary>
    /// Else ONNX Runtime computes weight gradients late and holds all that they read: see <see
    /// cref="GradientOutputs"/>.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Ends_with_the_gradients_that_nobody_reads_in_their_order(string name)
    {
        var graph = Lower(name).Graph;
        var leaves = graph.Outputs.Where(output => output.Name.EndsWith("_grad", StringComparison.Ordinal))
            .Select(output => output.Producer!)
            .Where(node => node.Outputs.All(output => output is null || output.Uses.Count == 0))
            .Distinct().ToList();

        leaves.Should().NotBeEmpty();
        graph.Nodes.TakeLast(leaves.Count).Should().Equal(leaves);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Packs_what_the_original_packs(string name)
    {
        var options = new RewriteOptions { MinimumBytes = 0, Rebuild = RebuildScope.None };
        var original = TrainingGraphRewriter.Rewrite(ZooModels.Read(name), options);
        var lowered =
            TrainingGraphRewriter.Rewrite(ZooModels.Read(name), options with { Runtime = TargetRuntime.Stock });

        GraphVerifier.FindBreaches(lowered.Model.Graph).Should().BeEmpty();
        var packed = original.Pairs.DistinctBy(pair => pair.Plan)
            .ToDictionary(pair => pair.Plan.Tensor.Value.Name, pair => pair.Plan);
        foreach (var pair in lowered.Pairs)
        {
            var plan = packed[pair.Plan.Tensor.Value.Name];
            // A resize's gradient reads its tensor, and lowered its shape alone: what is left to store may be a mask.
            pair.Plan.Decision.Should().BeOneOf(plan.Decision, StorageDecision.Mask);
            if (pair.Plan.Decision == plan.Decision)
                (pair.Plan.Format, pair.Plan.Derivative).Should().Be((plan.Format, plan.Derivative));
        }
        var read = TrainingGraph.AnalyseSimplified(Lower(name), AsBuilt with { DerivativeCodes = true }).Saved.Select(
            tensor => tensor.Value.Name).ToHashSet();
        lowered.Pairs.Select(pair => pair.Plan.Tensor.Value.Name).Distinct()
            .Should().BeEquivalentTo(packed.Keys.Where(read.Contains));
        PacksThatRunLate(lowered).Should().BeLessThanOrEqualTo(PacksThatRunLate(original));
    }

    /// <summary>Files whose doc strings a tool has stripped.</summary>
    [Theory]
    [InlineData("small/resnet-tiny")]
    [InlineData("small/vit-tiny")]
    [InlineData("small/lstm-tiny")]
    [InlineData("large/t5-small")]
    public void Needs_no_marker(string name)
    {
        var model = ZooModels.Read(name);
        foreach (var node in model.Graph.Nodes) node.DocString = "";
        var sizes = ZooModels.ExampleSizes(name);
        var original = TrainingGraph.Prepare(model, AsBuilt);
        var (expected, needs) =
            (SavedBytes(original, sizes), original.Saved.ToDictionary(saved => saved.Value.Name, ClassOf));

        var lowered = TrainingGraph.Analyse(ModelReader.Read(GraphLowering.Lower(model).ToBytes()));

        ((double)SavedBytes(lowered, sizes) / expected).Should().BeInRange(LeastSaved, MostSaved);
        foreach (var tensor in lowered.Saved.Where(tensor => needs.ContainsKey(tensor.Value.Name)))
            tensor.Class.Should()
                .BeOneOf([needs[tensor.Value.Name]], $"that is what the original needs of '{tensor.Value}'");
    }

    [Theory]
    [InlineData("small/resnet-tiny")]
    [InlineData("small/lstm-tiny")]
    public void Lowers_to_the_same_bytes_again(string name)
    {
        var first = GraphLowering.Lower(ZooModels.Read(name)).ToBytes();

        GraphLowering.Lower(ZooModels.Read(name)).ToBytes().Should().Equal(first);
    }

    [Theory]
    [InlineData("small/bert-tiny")]
    [InlineData("small/resnet-tiny")]
    public void Lowering_a_lowered_graph_changes_nothing(string name)
    {
        var first = GraphLowering.Lower(ZooModels.Read(name)).ToBytes();

        var again = GraphLowering.Lower(first);

        again.Replaced.Should().BeEmpty();
        again.ToBytes().Should().Equal(first);
    }

    private static Model Lower(string name) => ModelReader.Read(GraphLowering.Lower(ZooModels.Read(name)).ToBytes());

    private static long SavedBytes(TrainingGraph training, IReadOnlyDictionary<string, long> sizes) =>
        training.Saved.DistinctBy(tensor => tensor.Buffer).Sum(tensor => tensor.Type!.TryGetBytes(sizes) ?? 0);

    private static int PacksThatRunLate(RewriteResult result)
    {
        var order = ExecutionOrder.Of(result.Model.Graph).ToList();
        var first = order.FindIndex(node => PackOperators.ReadsPacked(node.Operator));
        return result.Pairs.Count(
            pair => pair.Plan.Decision == StorageDecision.Quantize && order.IndexOf(pair.Pack) > first);
    }
}
