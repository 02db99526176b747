using FluentAssertions;
using OnnxActNN.CustomOps.Tests.Interop;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.Testing;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Lowering;

/// <summary>
/// Lowered training graphs on the current ONNX Runtime, which has no gradient operator: their gradients are those that
/// another framework's automatic differentiation gave. Also those graphs that ONNX Runtime 1.19.2 itself cannot run.
/// </summary>
[Collection(SessionCollection.Name)]
public sealed class LoweredOnStockTests
{
    /// <summary>Of a recorded loss, which another framework computed.</summary>
    private const double LossTolerance = 1e-5;

    private static readonly SessionSettings Settings = new() { Threads = 1 };

    public static TheoryData<string> Entries() => [.. ZooGraph.SmallNames.DefaultIfEmpty("lenet")];

    [Theory]
    [MemberData(nameof(Entries))]
    public void Gradients_are_those_recorded(string name)
    {
        var zoo = ZooGraph.Open("small", name);

        var (loss, gradients) =
            LoweredStep.Run(zoo, GraphLowering.LowerFile(zoo.Artifacts.TrainingModel).ToBytes(), Settings);

        var oracle = zoo.Oracle();
        if (zoo.Entry.HasDropout)
        {
            gradients.Values.SelectMany(gradient => gradient).Should().OnlyContain(x => float.IsFinite(x));
            return;
        }
        loss.Should().BeApproximately((float)oracle.GetProperty("loss_step0_torch").GetDouble(), (float)LossTolerance);
        GradientComparison.Worst(gradients, oracle.GetProperty("gradients")).Should().BeLessThan(1);
    }
}
