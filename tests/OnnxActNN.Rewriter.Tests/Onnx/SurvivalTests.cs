using FluentAssertions;
using Google.Protobuf;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using Xunit;
using static OnnxActNN.Rewriter.Tests.Onnx.Messages;

namespace OnnxActNN.Rewriter.Tests.Onnx;

/// <summary>
/// What a file holds beside the graph proper survives, whether or not a pass changed something next to it.
/// </summary>
public sealed class SurvivalTests
{
    public static TheoryData<string> Names => [.. OddModels.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_unchanged_odd_model_is_written_byte_for_byte(string name)
    {
        var bytes = OddModels.All[name]().ToByteArray();

        ModelWriter.Write(ModelReader.Read(bytes)).Should().Equal(bytes);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Writing_twice_gives_the_same_bytes(string name)
    {
        var model = OddModels.All[name]().Read();

        ModelWriter.Write(model).Should().Equal(ModelWriter.Write(model));
    }

    [Fact]
    public void A_changed_type_keeps_what_the_declaration_says_beside_it()
    {
        var message = OddModels.All["types that are no tensors"]();
        message.Graph.Input[1].DocString = "text";
        var model = message.Read();

        model.Graph.FindOwn("denoted")!.Declared = new TensorType(DataType.Float, Shape.Of(7, 8, 9, 10));

        var written = model.Write().Graph.Input[1];
        written.DocString.Should().Be("text");
        written.Type.Denotation.Should().Be("IMAGE");
        written.Type.TensorType.Shape.Dim[0].Denotation.Should().Be("DATA_BATCH");
        written.Type.TensorType.Shape.Dim.Select(dimension => dimension.DimValue).Should().Equal(7, 8, 9, 10);
    }

    [Fact]
    public void A_changed_type_reaches_every_declaration_of_the_value()
    {
        var model = OddModels.All["declarations stated twice"]().Read();

        model.Graph.FindOwn("z")!.Declared = new TensorType(DataType.Float, Shape.Of(4));

        var written = model.Write().Graph.ValueInfo.Where(info => info.Name == "z").ToList();
        written.Should().HaveCount(2);
        written.Should().OnlyContain(info => info.Type.TensorType.Shape.Dim.Single().DimValue == 4);
    }

    [Fact]
    public void Declarations_of_removed_values_go_and_those_of_new_values_come()
    {
        var message = Relu();
        message.Graph.Node.Add(Node("Neg", ["y"], ["z"]));
        message.Graph.ValueInfo.Add(Info("z", 2, 3));
        var model = message.Read();

        GraphEditor.Remove(model.Graph.Nodes.Last!);
        var fresh = model.Graph.AddFreshValue("fresh", new TensorType(DataType.Float, Shape.Of(2)));
        GraphEditor.Add(model.Graph, OperatorId.Onnx("Abs"), "abs", [model.Graph.FindOwn("y")], [fresh]);

        model.Write().Graph.ValueInfo.Should().Equal(Info("fresh", 2));
    }

    [Fact]
    public void A_changed_operator_set_changes_every_statement_of_it()
    {
        var model = OddModels.All["versions left out or stated twice"]().Read();
        model.OpsetImports[""].Should().Be(13, "the later statement counts");

        model.OpsetImports[""] = 17;
        model.OpsetImports["ai.onnxactnn"] = 1;

        model.Write().OpsetImport.Select(import => (import.Domain, import.Version))
            .Should().Equal(("", 17), ("ai.onnx", 17), ("unstated", 0), ("", 17), ("ai.onnxactnn", 1));
    }

    [Fact]
    public void A_pass_inside_a_branch_is_written()
    {
        var model = OddModels.All["branches with outer captures"]().Read();
        var branch = model.Graph.Nodes.Last!.Subgraphs.First();

        branch.Nodes.First!.DocString = "changed";

        model.Write().Graph.Node[1].Attribute[0].G.Node[0].DocString.Should().Be("changed");
    }

    [Fact]
    public void A_new_node_is_written_with_attributes_of_every_kind()
    {
        var model = Relu().Read();
        var node = new Node(new OperatorId("d", "New"));
        node.AddInputs(model.Graph.FindOwn("y"));
        node.AddOutputs(model.Graph.AddFreshValue("new"));
        node.Attributes.Set("i", 3);
        node.Attributes.Set("s", "text");
        node.Attributes.Set("f", new AttributeValue.Float(0.5f));
        node.Attributes.Set("ints", new AttributeValue.Ints([1, 2]));
        node.Attributes.Set("floats", new AttributeValue.Floats([1, 2]));
        node.Attributes.Set("t", new AttributeValue.Tensor(DenseTensorData.Integers(4, 5)));
        node.Attributes.Set("g", new AttributeValue.Subgraph(new Graph("body", model.Graph)));
        model.Graph.Nodes.Add(node);

        var again = model.Write().Read().Graph.Nodes.Last!;

        again.Attributes.GetInt("i", 0).Should().Be(3);
        again.Attributes.GetText("s", "").Should().Be("text");
        again.Attributes.GetFloat("f", 0).Should().Be(0.5f);
        again.Attributes.GetInts("ints").Should().Equal(1, 2);
        ((AttributeValue.Floats)again.Attributes.Find("floats")!.Value).Values.Should().Equal(1, 2);
        ((AttributeValue.Tensor)again.Attributes.Find("t")!.Value).Value.TryGetIntegers().Should().Equal(4, 5);
        again.Subgraphs.Single().Name.Should().Be("body");
    }

    [Fact]
    public void A_fresh_name_is_free_in_inner_graphs_too()
    {
        var model = OddModels.All["branches with outer captures"]().Read();

        model.Graph.AddFreshValue("branch_out").Name.Should().Be("branch_out_1");
    }
}
