using FluentAssertions;
using Google.Protobuf;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Onnx.Proto;
using Xunit;
using static OnnxActNN.Rewriter.Tests.Onnx.Messages;

namespace OnnxActNN.Rewriter.Tests.Onnx;

/// <summary>Each break of the standard's rules has an error that names the place.</summary>
public sealed class BrokenModelTests
{
    private static readonly Dictionary<string, (Action<ModelProto> Break, string Message)> Breaks = new()
    {
        ["no graph"] = (model => model.Graph = null, "*no graph*"),
        ["reads what nothing writes"] =
            (model => model.Graph.Node[0].Input[0] = "q", "*graph 'g'*Relu*'q'*nothing writes*"),
        ["output never written"] = (model => model.Graph.Output[0].Name = "q", "*'q'*never written*"),
        ["value written twice"] = (model => model.Graph.Node.Add(Node("Neg", ["x"], ["y"])), "*'y' is defined twice*"),
        ["input stated twice"] = (model => model.Graph.Input.Add(Info("x")), "*'x' is defined twice*"),
        ["input without a name"] = (model => model.Graph.Input.Add(new ValueInfoProto()), "*without a name*"),
        ["initializer stated twice"] =
            (model => model.Graph.Initializer.Add([Floats("w"), Floats("w")]), "*'w' stands twice*"),
        ["node without a type"] = (model => model.Graph.Node[0].OpType = "", "*no operator type*"),
        ["attribute stated twice"] =
            (model => model.Graph.Node[0].Attribute.Add([new() { Name = "a" }, new() { Name = "a" }]),
            "*attribute 'a'*twice*"),
        ["one of many attributes stated twice"] =
            (model => model.Graph.Node[0].Attribute.Add(
                Enumerable.Range(0, 40).Select(index => new AttributeProto { Name = $"a{index % 39}" })),
            "*attribute 'a0'*twice*"),
        ["negative size"] = (model => AddTensor(model, tensor => tensor.Dims[0] = -1), "*'w'*-1 is negative*"),
        ["sizes beyond 64 bits"] =
            (model => AddTensor(model, tensor => tensor.Dims.Add([long.MaxValue, 3])), "*'w'*64 bits*"),
        ["too few elements"] =
            (model => AddTensor(model, tensor => tensor.Dims[0] = 3), "*'w'*has 2 elements*needs 3*"),
        ["too few bytes"] =
            (model => AddTensor(model, tensor => tensor.RawData = ByteString.CopyFrom(1)), "*'w'*1 bytes*needs 8*"),
        ["data in another type's field"] =
            (model => AddTensor(model, tensor => tensor.DataType = 7), "*'w'*has 0 elements*"),
        ["negative sparse size"] =
            (model => model.Graph.SparseInitializer.Add(new SparseTensorProto { Values = Floats("s"), Dims = { -5 } }),
            "*'s'*-5*negative*"),
        ["in an inner graph"] = (AddBrokenBranch, "*graph 'inner'*'q'*"),
    };

    public static TheoryData<string> Names => [.. Breaks.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_broken_rule_is_named_with_its_place(string name)
    {
        var (breakRule, message) = Breaks[name];
        var model = Relu();
        breakRule(model);

        var read = () => ModelReader.Read(model.ToByteArray(), "file.onnx");

        read.Should().Throw<OnnxFormatException>().WithMessage(message).Which.Place.Should().StartWith("file.onnx");
    }

    [Fact]
    public void Every_truncation_is_an_error_or_a_smaller_model()
    {
        var bytes = OddModels.All["loop in a loop"]().ToByteArray();
        for (var length = 0; length < bytes.Length; length++)
        {
            try
            {
                ModelReader.Read(bytes.AsMemory(0, length));
            }
            catch (OnnxFormatException error)
            {
                error.Message.Should().NotBeEmpty();
            }
        }
    }

    [Fact]
    public void Graphs_nested_without_end_are_refused_by_the_parser()
    {
        var graph = new GraphProto { Name = "deepest" };
        for (var depth = 0; depth < 1000; depth++)
            graph = new GraphProto { Node = { Node("If", [], ["z"], Body("then_branch", graph)) } };

        var read = () => Model(graph).Read();

        read.Should().Throw<OnnxFormatException>().WithMessage("*not a readable ONNX file*");
    }

    [Fact]
    public void A_file_that_is_something_else_is_no_model()
    {
        var read = () => ModelReader.Read("{ \"name\": \"not a model\" }"u8.ToArray(), "a.json");

        read.Should().Throw<OnnxFormatException>().WithMessage("a.json:*");
    }

    private static void AddBrokenBranch(ModelProto model)
    {
        var inner = new GraphProto { Name = "inner", Node = { Node("Abs", ["q"], ["r"]) } };
        model.Graph.Node.Add(Node("If", ["x"], ["z"], Body("then_branch", inner)));
    }

    private static void AddTensor(ModelProto model, Action<TensorProto> breakRule)
    {
        var tensor = Floats("w", 1, 2);
        breakRule(tensor);
        model.Graph.Initializer.Add(tensor);
    }
}
