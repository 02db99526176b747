using FluentAssertions;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;
using OnnxActNN.Training.Gradients;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Gradients;

/// <summary>
/// The test for bias finds wrong rounding in the gradients of a real step, and passes right rounding.
/// </summary>
public sealed class WrongRoundingTests(ITestOutputHelper output)
{
    private const int Runs = 128;
    private const string Parameter = "hidden1.weight";

    [Theory]
    [InlineData(WrongOperator.Dither, false)]
    [InlineData(WrongOperator.Nearest, true)]
    [InlineData(WrongOperator.TopCodeMissing, true)]
    public void Bias_is_found_where_there_is_some(string rounding, bool isBiased)
    {
        TrainingRuntime.Require();
        WrongOperator.Register();
        using var trained = GradientCase.OfTestModel("mlp", batch: 8);
        var test = new BiasTest(trained.Exact[Parameter]);
        foreach (var draw in trained.Sample(RoundWhatTheWeightGradientReads(trained.Copy(), rounding), Runs))
            test.Add(draw[Parameter]);

        output.WriteLine($"largest z = {test.LargestZ:F1}");
        (test.LargestZ > BiasTest.Threshold).Should().Be(isBiased);
    }

    /// <summary>The weight's gradient is dY transposed times X; X is rounded.</summary>
    private static byte[] RoundWhatTheWeightGradientReads(Model model, string rounding)
    {
        var graph = model.Graph;
        var product = graph.Find($"{Parameter}_grad")!.Producer!;
        var x = product.Input(1)!;
        var rounded = graph.AddFreshValue("rounded");
        GraphEditor.InsertBefore(product, new OperatorId(WrongOperator.Domain, rounding), "round", [x], [rounded]);
        product.SetInput(1, rounded);
        model.OpsetImports[WrongOperator.Domain] = 1;
        return ModelWriter.Write(model);
    }
}
