using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Analysis;

/// <summary>Which tensor's readers the others wait for.</summary>
public sealed class FirstReadersTests
{
    [Fact]
    public void They_are_the_gradient_of_the_one_loss()
    {
        var training = Prepare();
        var graph = training.Model.Graph;

        training.Saved.Where(tensor => FirstReaders.Are(graph, tensor, training.Saved))
            .SelectMany(tensor => tensor.Consumers)
            .Select(consumer => consumer.Use.Node.Operator.Type).Distinct().Should()
                .Equal("SoftmaxCrossEntropyLossGrad");
    }

    [Fact]
    public void A_reader_that_does_not_wait_is_another_beginning()
    {
        var (training, apart) = (Prepare(), Prepare());
        var loss = training.Saved.First(tensor => FirstReaders.Are(training.Model.Graph, tensor, training.Saved));

        FirstReaders.Are(training.Model.Graph, loss, [.. training.Saved, .. apart.Saved]).Should().BeFalse();
    }

    private static TrainingGraph Prepare() =>
        TrainingGraph.Prepare(ZooModels.Read("small/gpt2-tiny"), new RewriteOptions());
}
