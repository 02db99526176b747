using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;
using OnnxActNN.TestModels;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.TestModels;

public sealed class CatalogTests
{
    public static TheoryData<string> Names => [.. TestModelCatalog.All.Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_model_is_the_same_each_time(string name)
    {
        var (one, other) = (TestModelCatalog.Find(name), TestModelCatalog.Find(name));

        ModelWriter.Write(one.Build()).Should().Equal(ModelWriter.Write(other.Build()));
        one.Parameters.SelectMany(parameter => parameter.Values).Should()
            .Equal(other.Parameters.SelectMany(parameter => parameter.Values));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_model_survives_its_file(string name)
    {
        var bytes = ModelWriter.Write(TestModelCatalog.Find(name).Build());

        ModelWriter.Write(ModelReader.Read(bytes)).Should().Equal(bytes);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_description_names_the_graphs_own_inputs_and_loss(string name)
    {
        var model = TestModelCatalog.Find(name);
        var graph = model.Build().Graph;

        graph.Inputs.Select(input => input.Name).Should().StartWith(model.Inputs.Select(input => input.Name))
            .And.ContainInOrder(model.Parameters.Select(parameter => parameter.Name));
        graph.Outputs[0].Name.Should().Be(model.LossOutput);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_split_finds_the_backward_pass_with_and_without_the_marker(string name)
    {
        var model = TestModelCatalog.Find(name);
        var graph = model.Build().Graph;

        var split = SplitFinder.Find(graph);
        var unmarked = SplitFinder.FindWithoutMarker(graph);

        split.Dialect.Should().Be(model.Runtime == TestRuntime.Stock ? Dialect.StepGraph : Dialect.OrtArtifacts);
        graph.Nodes.Where(split.IsBackward).Should().Equal(graph.Nodes.Where(unmarked.IsBackward));
        graph.Nodes.Where(node => !split.IsBackward(node)).Should().NotBeEmpty()
            .And.OnlyContain(node => !node.Name.Contains("_Grad/"));
        graph.Nodes.Where(split.IsBackward).Should().HaveCountGreaterThan(5)
            .And.OnlyContain(node => node.Name.Contains("Grad"));
    }

    [Fact]
    public void The_table_of_models_is_complete()
    {
        var table = File.ReadAllText(Path.Combine(SharedFolder.Repository, "TestModels", "README.md"));

        foreach (var model in TestModelCatalog.All) table.Should().Contain($"| `{model.Name}` |");
    }
}
