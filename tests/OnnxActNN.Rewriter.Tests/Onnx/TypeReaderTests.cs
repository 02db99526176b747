using FluentAssertions;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Onnx.Proto;
using OnnxActNN.Rewriter.Shapes;
using Xunit;
using static OnnxActNN.Rewriter.Tests.Onnx.Messages;

namespace OnnxActNN.Rewriter.Tests.Onnx;

public sealed class TypeReaderTests
{
    private readonly TypeReader _reader = new();

    [Fact]
    public void Declarations_of_one_type_share_it_and_one_name_is_one_dimension()
    {
        var first = _reader.Read(Info("x", "batch", 3))!;

        _reader.Read(Info("y", "batch", 3)).Should().BeSameAs(first);
        var other = _reader.Read(Info("z", "batch", 4))!;
        other.Should().NotBe(first);
        other.Shape![0].Should().BeSameAs(first.Shape![0]);
    }

    [Fact]
    public void Dimensions_that_are_left_open_are_those_of_their_value()
    {
        var (x, y) = (Info("x", 3), Info("y", 3));
        foreach (var info in new[] { x, y })
            info.Type.TensorType.Shape.Dim.Insert(0, new TensorShapeProto.Types.Dimension());

        _reader.Read(x)!.ToString().Should().Be("float32[x_d0, 3]");
        _reader.Read(y)!.ToString().Should().Be("float32[y_d0, 3]");
    }

    [Fact]
    public void Inference_keeps_the_declared_type_that_says_what_a_rule_found()
    {
        var model = Model(new GraphProto
        {
            Name = "g",
            Node = { Node("MatMul", ["x", "w"], ["y"]), Node("MatMul", ["x", "w"], ["z"]) },
            Input = { Info("x", "batch", 3), Info("w", 3, 5) },
            Output = { Info("y", "batch", 5), Info("z", "other", 5) },
        }).Read();

        var types = ShapeInference.Infer(model);

        var (y, z) = (model.Graph.FindOwn("y")!, model.Graph.FindOwn("z")!);
        types.Of(y).Should().BeSameAs(y.Declared);
        types.Of(z)!.ToString().Should().Be("float32[batch, 5]", "names in a declaration are arbitrary");
    }
}
