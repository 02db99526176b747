using FluentAssertions;
using OnnxActNN.CustomOps.Tests.Interop;
using OnnxActNN.Testing;
using OnnxActNN.TestModels;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.TestModels;

/// <summary>
/// The step graphs of TestModels run on the current ONNX Runtime, and their gradients are those of their loss.
/// </summary>
[Collection(SessionCollection.Name)]
public sealed class StepGradientTests
{
    public static TheoryData<string> StepGraphs =>
        [.. TestModelCatalog.All.Where(model => model.Runtime == TestRuntime.Stock).Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(StepGraphs))]
    public void Gradients_are_slopes_of_the_loss(string name)
    {
        using var run = new TestModelRun(TestModelCatalog.Find(name), batch: 3);

        GradientCheck.SlopesAreGradientNorms(run);
    }

    [Theory]
    [MemberData(nameof(StepGraphs))]
    public void Descending_along_the_gradient_trains(string name)
    {
        using var run = new TestModelRun(TestModelCatalog.Find(name), batch: 8);
        var first = run.Run().Loss;
        for (var step = 0; step < 12; step++)
        {
            foreach (var (parameter, gradient) in run.Run().Gradients)
            {
                var values = run.Parameters[parameter];
                for (var index = 0; index < values.Length; index++) values[index] -= 0.05f * gradient[index];
            }
        }

        run.Run().Loss.Should().BeLessThan(0.99f * first);
    }
}
