using FluentAssertions;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Operators;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Passes;

/// <summary>Each operator that may run again in the backward pass does, in its scope, on restored inputs.</summary>
public sealed class ReplayTests
{
    private static readonly RewriteOptions Options = new() { MinimumBytes = 0, Rebuild = RebuildScope.Product };

    public static TheoryData<string> Operators() => [.. Replay.Table.Select(row => $"{row.Operator}")];

    [Theory]
    [MemberData(nameof(Operators))]
    public void It_runs_again_on_restored_inputs(string op)
    {
        var row = Replay.Table.Single(row => $"{row.Operator}" == op);
        var rewritten = Rewrite(
            op, Options with { Width = row.Kind == ReplayKind.Nonlinear ? CodeWidth.EightBits : CodeWidth.TwoBits });

        var again = rewritten.Model.Graph.Nodes.Should()
            .ContainSingle(node => node.Output(0)!.Name.EndsWith("/rebuilt")).Subject;
        again.Operator.Type.Should().BeOneOf(row.Operator.Type, row.Operator.Type == "Sum" ? "Add" : row.Operator.Type);
        again.Inputs.Count(input => input!.Producer?.Operator == PackOperators.UnpackDequant).Should().BePositive();
        rewritten.Report.Rows.Should()
            .ContainSingle(row => row.Decision == StorageDecision.Rebuild).Which.StoredBytes.Should().Be(0);
        rewritten.Pairs.Where(pair => pair.Store.Decision == StorageDecision.Quantize).Should().ContainSingle();
    }

    [Theory]
    [InlineData("Gelu", RebuildScope.Product)]
    [InlineData("Add", RebuildScope.Affine)]
    [InlineData("MatMul", RebuildScope.Chain)]
    [InlineData("Reshape", RebuildScope.None)]
    public void Out_of_its_scope_or_at_too_few_bits_it_does_not(string op, RebuildScope scope) =>
        Rewrite(op, Options with { Rebuild = scope }).Report.Rows.Should()
            .NotContain(row => row.Decision == StorageDecision.Rebuild);

    /// <summary>x, a packed tensor, y = op(x, ...), which the backward pass reads too, and a loss of both.</summary>
    private static RewriteResult Rewrite(string op, RewriteOptions options)
    {
        var graph = new TestGraph(opset: 20);
        var x = graph.Apply(
            "Sigmoid", graph.Input("input", op == "Gemm" ? "float32[64, 16]" : "float32[4, 8, 16, 16]"));
        var y = Apply(graph, op, x);
        var loss = graph.Apply(
            "Add", graph.Apply("ReduceMean", [x], ("keepdims", 0L)), graph.Apply("ReduceMean", [y], ("keepdims", 0L)));
        graph.Graph.AddOutput(loss);
        var seed = graph.Graph.AddValue($"{loss.Name}_grad");
        graph.Graph.AddInitializer(seed, DenseTensorData.Scalar(1f));
        foreach (var read in new[] { x, y }) graph.Graph.AddOutput(graph.Apply("Mul", graph.Apply("Neg", seed), read));
        var model = graph.Model;
        model.OpsetImports[OperatorId.Microsoft] = 1;
        return TrainingGraphRewriter.Rewrite(ModelWriter.Write(model), options);
    }

    private static Value Apply(TestGraph graph, string op, Value x)
    {
        Value Parameter(string name, params long[] sizes) =>
            graph.Graph.AddConstant(
                name, DenseTensorData.Floats(sizes, new float[sizes.Aggregate(1L, (product, size) => product * size)]));
        return op.Split("::")[^1] switch
        {
            "Reshape" => graph.Apply(op, x, graph.Constant("shape", 4, 8, 16, 16)),
            "Squeeze" => graph.Apply(op, x, graph.Constant("axes")),
            "Unsqueeze" => graph.Apply(op, x, graph.Constant("axes", 0)),
            "Transpose" => graph.Apply(op, [x], ("perm", new long[] { 0, 1, 3, 2 })),
            "Slice" => graph.Apply(
                op, x, graph.Constant("start", 0), graph.Constant("end", 4), graph.Constant("axis", 0)),
            "Pad" => graph.Apply(op, x, graph.Constant("pads", 0, 0, 0, 0, 0, 0, 0, 0)),
            "Concat" or "ConcatTraining" => graph.Apply(op, [x, x], ("axis", 0L)),
            "Add" or "Sub" or "Sum" or "Mul" or "Div" => graph.Apply(op, x, Parameter("factor", 1)),
            "MatMul" => graph.Apply(op, x, Parameter("weight", 16, 16)),
            "Gemm" => graph.Apply(op, x, Parameter("weight", 16, 16)),
            _ => graph.Apply(op, x),
        };
    }
}
