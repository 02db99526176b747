using FluentAssertions;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.CustomOps;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Operators;

/// <summary>
/// The operators in ONNX Runtime's own training session: the inputs of all convolutions of a real graph packed by hand,
/// so that this says something about the operators alone.
/// </summary>
public sealed class OperatorsInTrainingTests
{
    private const int Steps = 10;

    [Fact]
    public void Registered_in_process_they_train()
    {
        var copies = OperatorDiagnostics.PassThroughCopies;
        CheckTraining(options => options.RegisterOnnxActNN());
        (OperatorDiagnostics.PassThroughCopies - copies).Should().Be(0);
    }

    [Fact]
    public void Registered_as_a_shared_library_they_train() =>
        CheckTraining(options => options.RegisterCustomOpLibrary(OperatorLibraryFile.Path));

    private static void CheckTraining(Action<SessionOptions> register)
    {
        TrainingRuntime.Require();
        var zoo = ZooGraph.Open("small", "lenet");
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var packed = Path.Combine(folder.FullName, TrainingArtifacts.TrainingModelName);
            PackConvolutionInputs(zoo.Model).Should().BePositive();
            ModelWriter.WriteFile(zoo.Model, packed);

            var expected = Train(zoo, zoo.Artifacts.TrainingModel, register);
            var losses = Train(zoo, packed, register);

            losses[0].Should().Be(expected[0], "the forward pass reads the exact values");
            losses.Should().NotEqual(expected, "the backward pass reads the packed ones");
            losses.Should().Equal(expected, (loss, want) => Math.Abs(loss - want) <= 0.01 * want);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static List<float> Train(ZooGraph zoo, string model, Action<SessionOptions> register)
    {
        var settings = new SessionSettings { Threads = 2, Configure = register };
        using var run = new TrainingRun(zoo.Artifacts with { TrainingModel = model }, settings, zoo.Entry.LossOutput);
        var losses = new List<float>();
        for (var step = 0; step < Steps; step++)
        {
            using var feeds = zoo.Feeds(step: 0);
            losses.Add(run.Step(feeds.InOrder(run.InputNames)));
            run.OptimizerStep();
        }
        return losses;
    }

    /// <summary>Packs in 8 bits what each ConvGrad saves of the forward pass; tells how many there were.</summary>
    private static int PackConvolutionInputs(Model model)
    {
        var count = 0;
        model.OpsetImports[OperatorSchema.Domain] = OperatorSchema.Version;
        foreach (var gradient in model.Graph.Nodes.Where(node => node.Operator.Type == "ConvGrad").ToList())
        {
            if (gradient.Input(1) is { Producer: { } producer } x) Pack(model.Graph, producer, x, gradient, count++);
        }
        return count;
    }

    private static void Pack(Graph graph, Node producer, Value x, Node gradient, int number)
    {
        Value[] made = [.. OperatorSchema.QuantizePack.Outputs.Select(output => graph.AddFreshValue($"{x}/{output}"))];
        GraphEditor.ReplaceUses(x, made[2], _ => true);
        var pack = GraphEditor.InsertAfter(producer, Own(OperatorSchema.QuantizePack.Name), $"{x}/pack", [x], made);
        pack.Attributes.Set(PackAttributes.Levels, 256);
        pack.Attributes.Set(PackAttributes.GroupAxis, 2);
        pack.Attributes.Set(PackAttributes.TensorId, number);
        var restored = graph.AddFreshValue($"{x}/restored");
        GraphEditor.InsertBefore(
            gradient, Own(OperatorSchema.UnpackDequant.Name), $"{x}/unpack", [made[0], made[1], gradient.Input(0)],
            [restored]);
        gradient.SetInput(1, restored);
    }

    private static OperatorId Own(string type) => new(OperatorSchema.Domain, type);
}
