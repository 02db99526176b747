using FluentAssertions;
using OnnxActNN.TestModels;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.TestModels;

/// <summary>The training graphs of TestModels run where ONNX Runtime trains, and their gradients are right.</summary>
public sealed class TrainingGradientTests
{
    /// <summary>Relative to the gradient's norm: both sides round at other places.</summary>
    private const double Tolerance = 1e-5;

    public static TheoryData<string> TrainingGraphs =>
        [.. TestModelCatalog.All.Where(model => model.Runtime == TestRuntime.Training).Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(TrainingGraphs))]
    public void Gradients_are_slopes_of_the_loss(string name)
    {
        TrainingRuntime.Require();
        using var run = new TestModelRun(TestModelCatalog.Find(name), batch: 3);

        GradientCheck.SlopesAreGradientNorms(run);
    }

    [Theory]
    [InlineData("mlp", "step-mlp")]
    [InlineData("residual-plain", "step-residual")]
    [InlineData("frozen-parts", "step-frozen-parts")]
    [InlineData("shared-tensor", "step-shared-tensor")]
    [InlineData("pooled", "relu-reads-input")]
    public void Gradients_of_two_ways_to_write_a_model_are_equal(string one, string other)
    {
        TrainingRuntime.Require();
        using var first = new TestModelRun(TestModelCatalog.Find(one), batch: 3);
        using var second = new TestModelRun(TestModelCatalog.Find(other), batch: 3);

        var (loss, gradients) = first.Run();
        var (otherLoss, otherGradients) = second.Run();

        loss.Should().Be(otherLoss);
        gradients.Keys.Should().Equal(otherGradients.Keys);
        foreach (var (name, gradient) in gradients)
        {
            var norm = Math.Sqrt(gradient.Sum(x => (double)x * x));
            var distance = Math.Sqrt(gradient.Zip(otherGradients[name], (a, b) => (double)(a - b) * (a - b)).Sum());
            distance.Should().BeLessThan(Tolerance * norm, $"of the gradient of '{name}'");
        }
    }
}
