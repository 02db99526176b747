using FluentAssertions;
using OnnxActNN.Format.Derivatives;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Tests.Shapes;
using OnnxActNN.TestModels;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Passes;

/// <summary>
/// Activations that a graph writes out in standard operators are found by what their gradients compute.
/// </summary>
public sealed class WrittenActivationTests
{
    private const string Model = "written-activations";

    private static readonly RewriteOptions s_options = new() { MinimumBytes = 0 };

    [Theory]
    [InlineData("silu", ActivationFunction.QuickGelu, 1)]
    [InlineData("gelu", ActivationFunction.Gelu, 1)]
    [InlineData("fast_gelu", ActivationFunction.FastGelu, 1)]
    [InlineData("mish", ActivationFunction.Mish, 1)]
    [InlineData("hard_swish", ActivationFunction.HardSwish, 1)]
    [InlineData("elu", ActivationFunction.Elu, 1)]
    [InlineData("softplus", ActivationFunction.Softplus, 1)]
    [InlineData("log_sigmoid", ActivationFunction.Softplus, -1)]
    public void The_gradient_reads_codes_of_the_derivative(string convolution, ActivationFunction function, float alpha)
    {
        foreach (var runtime in Enum.GetValues<TargetRuntime>())
        {
            var result = TrainingGraphRewriter.Rewrite(
                TestModelCatalog.Find(Model).Build(), s_options with { Runtime = runtime });

            var pair = result.Pairs.Single(pair => pair.Plan.Tensor.Value.Name == $"/{convolution}/Conv_output_0");
            (pair.Store.Derivative!.Function, pair.Store.Derivative.Alpha).Should().Be((function, alpha));
            pair.Gradients.Should().ContainSingle().Which.Operator.Should().Be(PackOperators.ActivationGradFromCodes);
        }
    }

    [Fact]
    public void Nothing_that_was_computed_on_the_way_is_saved()
    {
        var result = TrainingGraphRewriter.Rewrite(TestModelCatalog.Find(Model).Build(), s_options);

        var split = SplitFinder.Find(result.Model.Graph);
        string[] onTheWay = ["Mul", "Add", "Div", "Exp", "Erf", "Log", "Tanh", "Sigmoid", "Clip", "Greater"];
        foreach (var node in result.Model.Graph.Nodes.Where(
            node => onTheWay.Contains(node.Operator.Type) && !split.IsBackward(node)))
            node.Output(0)!.Uses.Should().NotContain(use => split.IsBackward(use.Node), "{0}", node);
        var released = result.Report.Rows.Where(
            row => row.Reason.Contains("'s gradient, which", StringComparison.Ordinal)).ToList();
        released.Should().HaveCountGreaterThan(12)
            .And.OnlyContain(row => row.IsCounted && row.StoredBytes == 0 && row.Decision == StorageDecision.Rebuild);
        GraphVerifier.Verify(result.Model.Graph);
    }

    /// <summary>ONNX Runtime's own gradients of what PyTorch exported.</summary>
    [Theory]
    [InlineData("/inn.2/Conv_output_0", ActivationFunction.FastGelu, 1)]
    [InlineData("/inn.6/Conv_output_0", ActivationFunction.Elu, 1)]
    [InlineData("/inn.7/Conv_output_0", ActivationFunction.Softplus, 1)]
    [InlineData("/inn.8/Conv_output_0", ActivationFunction.HardSwish, 1)]
    [InlineData("/inn.12/Conv_output_0", ActivationFunction.Softplus, -1)]
    public void Exported_ones_are_found(string input, ActivationFunction function, float alpha)
    {
        foreach (var runtime in Enum.GetValues<TargetRuntime>())
        {
            var result = TrainingGraphRewriter.Rewrite(
                ZooModels.Read("small/silu-gelu-cnn"), s_options with { Runtime = runtime });

            var derivative = result.Pairs.Single(pair => pair.Plan.Tensor.Value.Name == input).Store.Derivative!;
            (derivative.Function, derivative.Alpha).Should().Be((function, alpha));
        }
    }

    [Fact]
    public void The_reports_totals_are_the_originals()
    {
        var (with, without) = (Inspect(s_options), Inspect(s_options with { DerivativeCodes = false }));

        with.SavedBytes.Should().Be(without.SavedBytes);
        with.StoredBytes.Should().BeLessThan(without.StoredBytes!.Value / 3, "exact denominators are gone too");

        static Diagnostics.SavedTensorReport Inspect(RewriteOptions options) => TrainingGraphRewriter.Inspect(
            TestModelCatalog.Find(Model).Build(),
            options with { Dimensions = new Dictionary<string, long> { ["batch"] = 4 } });
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Without_codes_of_derivatives_the_graph_stays_as_it_is(bool isLossless, bool derivativeCodes)
    {
        var result = TrainingGraphRewriter.Rewrite(
            TestModelCatalog.Find(Model).Build(),
            s_options with { LosslessOnly = isLossless, DerivativeCodes = derivativeCodes });

        result.Model.Graph.Nodes.Count(node => node.Operator.Type == "TanhGrad").Should().Be(2);
        result.Pairs.Should()
            .NotContain(
                pair => pair.Store.Derivative != null && pair.Store.Derivative.Function > ActivationFunction.Tanh);
    }

    [Fact]
    public void What_is_not_coded_is_written_out_again()
    {
        foreach (var runtime in Enum.GetValues<TargetRuntime>())
        {
            var result = TrainingGraphRewriter.Rewrite(
                TestModelCatalog.Find(Model).Build(),
                new RewriteOptions { MinimumBytes = long.MaxValue / 8, Runtime = runtime });

            result.Pairs.Should().BeEmpty();
            result.Model.Graph.Nodes.Should().NotContain(node => node.Operator == OperatorTable.ActivationGrad);
            result.Model.Graph.Nodes.Should().Contain(node => node.Operator.Type == "Softplus");
            GraphVerifier.Verify(result.Model.Graph);
        }
    }

    /// <summary>
    /// What each change breaks: another constant, another operator, an output within, a reader of a gradient within.
    /// </summary>
    [Theory]
    [InlineData("constant")]
    [InlineData("operator")]
    [InlineData("output")]
    [InlineData("reader")]
    [InlineData("affine")]
    public void What_only_looks_like_an_activation_stays(string change)
    {
        var model = TestModelCatalog.Find(Model).Build();
        Change(model.Graph, change);

        var training = TrainingGraph.Prepare(model, s_options);

        training.JoinedActivations.Should()
            .HaveCount(7).And.NotContain(joined => joined.Derivative.Function == ActivationFunction.HardSwish);
    }

    [Theory]
    [InlineData(1.702f)]
    [InlineData(0.25f)]
    [InlineData(-2.5f)]
    public void Factors_are_found(float alpha)
    {
        var test = new TestGraph();
        var (x, gradient) = Start(test);
        var s = test.Apply("Sigmoid", test.Apply("Mul", x, Number(test, alpha)));
        End(test, test.Apply("Mul", x, s));
        var inner = test.Apply("com.microsoft::SigmoidGrad", test.Apply("Mul", gradient, x), s);
        End(test, test.Apply("Add", test.Apply("Mul", gradient, s), test.Apply("Mul", inner, Number(test, alpha))));

        var found = Find(test).Should().ContainSingle().Which;

        found.Derivative.Function.Should().Be(ActivationFunction.QuickGelu);
        found.Derivative.Alpha.Should().BeApproximately(alpha, 1e-6f * Math.Abs(alpha));
        (found.Input, found.Gradient).Should().Be((x, gradient));
        found.Nodes.Should().HaveCount(5);
    }

    /// <summary>
    /// A gate a · σ(b): the gradient of a is dY · σ(b), which is that of Softplus, but σ(b) is saved for its own
    /// gradient anyway.
    /// </summary>
    [Fact]
    public void A_gate_is_left_alone()
    {
        var test = new TestGraph();
        var (b, gradient) = Start(test);
        var a = test.Apply("Tan", b);
        var gate = test.Apply("Sigmoid", b);
        End(test, test.Apply("Mul", a, gate));
        End(test, test.Apply("Mul", gradient, gate));
        End(test, test.Apply("com.microsoft::SigmoidGrad", test.Apply("Mul", gradient, a), gate));

        Find(test).Should().ContainSingle().Which.Derivative.Function.Should().Be(ActivationFunction.Softplus);
        TrainingGraph.Prepare(test.Model, s_options).JoinedActivations.Should().BeEmpty();
    }

    [Fact]
    public void A_factor_of_another_shape_is_no_constant()
    {
        var test = new TestGraph();
        var (x, gradient) = Start(test);
        var scale = test.Input("scale", "float32[4]");
        var s = test.Apply("Sigmoid", test.Apply("Mul", x, scale));
        End(test, test.Apply("Mul", gradient, s));

        Find(test).Should().BeEmpty();
    }

    private static IReadOnlyList<WrittenActivation> Find(TestGraph test)
    {
        var types = OnnxActNN.Rewriter.Shapes.ShapeInference.Infer(test.Model);
        return new ActivationFinder(test.Graph, SplitFinder.Find(test.Graph), types.Of).Find();
    }

    /// <summary>x, made by a forward node, and a gradient of its shape.</summary>
    private static (Value X, Value Gradient) Start(TestGraph test)
    {
        var x = test.Apply("Tan", test.Input("input", "float32[batch, 4]"));
        var loss = test.Apply("ReduceMean", [x], ("keepdims", 0L));
        test.Graph.AddOutput(loss);
        var seed = test.Graph.AddValue($"{loss.Name}_grad");
        test.Graph.AddInitializer(seed, DenseTensorData.Scalar(1f));
        return (x, test.Apply("Expand", seed, test.Apply("Shape", x)));
    }

    private static Value Number(TestGraph test, float number) =>
        test.Graph.AddConstant($"number_{number}", DenseTensorData.Scalar(number));

    private static void End(TestGraph test, Value value) => test.Graph.AddOutput(value);

    /// <summary>Changes HardSwish, the only one with a product that a division is before.</summary>
    private static void Change(Graph graph, string change)
    {
        var share = graph.Nodes.Single(
            node => node.Operator.Type == "Div" && node.Input(1)!.Name == "number_6" && node.DocString.Length > 0);
        switch (change)
        {
            case "constant":
                share.SetInput(1, graph.AddConstant("other", DenseTensorData.Scalar(6.01f)));
                break;
            case "operator":
                share.Operator = OperatorId.Onnx("Mul");
                break;
            case "output":
                graph.AddOutput(share.Output(0)!);
                break;
            case "reader":
                Insert(OperatorId.Onnx("Neg"), [share.Output(0)], GraphEditor.InsertAfter);
                break;
            default:
                var sum = Insert(OperatorId.Onnx("Add"), [share.Input(0), share.Input(1)], GraphEditor.InsertBefore);
                share.SetInput(0, sum);
                break;
        }

        Value Insert(
            OperatorId op, Value?[] inputs,
            Func<Node, OperatorId, string, IEnumerable<Value?>, IEnumerable<Value?>, Node> insert)
        {
            var value = graph.AddFreshValue("changed");
            insert(share, op, "changed_Grad/node", inputs, [value]).DocString = share.DocString;
            return value;
        }
    }
}
