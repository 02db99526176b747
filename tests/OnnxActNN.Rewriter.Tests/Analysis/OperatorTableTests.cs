using FluentAssertions;
using OnnxActNN.Rewriter.Operators;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Analysis;

public sealed class OperatorTableTests
{
    public static TheoryData<string> Names => ZooModels.Names();

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_backward_reader_of_a_saved_tensor_has_a_row(string name)
    {
        var graph = TrainingGraph.Analyse(ZooModels.Read(name));

        graph.Saved.SelectMany(tensor => tensor.Consumers).Where(consumer => !consumer.IsKnown)
            .Select(consumer => consumer.Use.ToString()).Should().BeEmpty();
        graph.Saved.Should().NotBeEmpty();
    }

    [Fact]
    public void A_row_repeats_its_last_need()
    {
        var sum = OperatorTable.All.Single(row => row.Operator.Type == "Sum");

        sum.NeedOf(7).Should().Be(Need.PassOn);
    }
}
