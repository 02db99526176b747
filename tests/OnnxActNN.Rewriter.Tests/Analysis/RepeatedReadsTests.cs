using FluentAssertions;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Analysis;

/// <summary>
/// A tensor X that opens a gate for itself: Y = X · G, G = X W. The gradient of G is dY · X, that of W is Xᵀ · dG: with
/// one noisy copy of X, the noise's square would stay in it.
/// </summary>
public sealed class RepeatedReadsTests
{
    private const double CodeAndMetadata = 1.5;

    [Theory]
    [InlineData(false, false, 8)]
    [InlineData(false, true, 2)]
    [InlineData(true, false, 2)]
    public void A_tensor_that_is_multiplied_with_what_it_made_gets_eight_bits(
        bool hasGateOfOther, bool allowBiased, double bits)
    {
        var (graph, x) = Gated(hasGateOfOther, transposedForward: false);

        var row = Report(graph, allowBiased).Rows.Should().ContainSingle(row => row.Name == x.Name).Which;

        row.Decision.Should().Be(StorageDecision.Quantize);
        row.Bits.Should().BeInRange(bits, bits + CodeAndMetadata);
    }

    [Fact]
    public void A_reader_of_the_tensor_transposed_is_another_reader()
    {
        var (graph, x) = Gated(hasGateOfOther: false, transposedForward: true);

        Report(graph, allowBiased: false).Rows.Should().ContainSingle(row => row.Name == x.Name)
            .Which.Bits.Should().BeGreaterThanOrEqualTo(8);
    }

    /// <summary>Each square is read twice by the next: ways double, and readers do not.</summary>
    [Fact]
    public void Squares_of_squares_in_the_backward_pass_are_walked_once_each()
    {
        var (graph, x) = Gated(hasGateOfOther: false, transposedForward: false, squares: 64);

        Report(graph, allowBiased: false).Rows.Should().Contain(row => row.Name == x.Name);
    }

    private static Diagnostics.SavedTensorReport Report(TestGraph graph, bool allowBiased) =>
        TrainingGraphRewriter.Rewrite(ModelWriter.Write(graph.Model), new RewriteOptions
        {
            MinimumBytes = 0,
            AllowBiased = allowBiased,
            Rebuild = RebuildScope.None,
            Dimensions = new Dictionary<string, long> { ["batch"] = 4 },
        }).Report;

    /// <param name="hasGateOfOther">Whether the gate is opened by another tensor.</param>
    /// <param name="transposedForward">
    /// Whether the weights' gradient reads a transposed tensor of the forward pass; else it is transposed in the
    /// backward pass.
    /// </param>
    /// <param name="squares">How many times the weights' gradient squares the tensor.</param>
    private static (TestGraph Graph, Value X) Gated(bool hasGateOfOther, bool transposedForward, int squares = 0)
    {
        var graph = new TestGraph();
        var x = graph.Apply("Sin", graph.Input("input", "float32[batch, 64, 64]"));
        var opener = hasGateOfOther ? graph.Apply("Cos", graph.Input("other", "float32[batch, 64, 64]")) : x;
        var w = graph.Graph.AddConstant("w", DenseTensorData.Floats([64, 64], new float[64 * 64]));
        var gate = graph.Apply("MatMul", opener, w);
        var y = graph.Apply("Mul", x, gate);
        var turned = transposedForward ? Turned(opener) : null;
        if (turned is not null) y = graph.Apply("Add", y, graph.Apply("Neg", turned));
        var loss = graph.Apply("ReduceMean", [y], ("keepdims", 0L));
        graph.Graph.AddOutput(loss);
        var seed = graph.Graph.AddValue($"{loss.Name}_grad");
        graph.Graph.AddInitializer(seed, DenseTensorData.Scalar(1f));
        var dY = graph.Apply("Expand", seed, graph.Apply("Shape", y));
        var dGate = graph.Apply("Mul", dY, x);
        var factor = turned ?? Turned(opener);
        for (var count = 0; count < squares; count++) factor = graph.Apply("Mul", factor, factor);
        graph.Graph.AddOutput(graph.Apply("MatMul", factor, dGate));
        return (graph, x);

        Value Turned(Value value) => graph.Apply("Transpose", [value], ("perm", new long[] { 0, 2, 1 }));
    }
}
