using FluentAssertions;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;
using OnnxActNN.TestModels;
using OnnxActNN.Tools;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Tools;

/// <summary>
/// What goes wrong ends with a code that scripts can tell apart, and one line on the error stream that names the cause.
/// </summary>
public sealed class ExitCodeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Results_go_to_the_output_and_nothing_to_the_errors()
    {
        var result = ToolProcess.Run("inspect", Write("mlp"));
        result.ExitCode.Should().Be(ExitCode.Done);
        result.Output.Should().Contain("saved tensors");
        result.Errors.Should().BeEmpty();
    }

    [Theory]
    [InlineData("--no-such-option")]
    [InlineData("--bits", "5")]
    [InlineData("--bits", "many")]
    [InlineData("--group-size", "0")]
    [InlineData("--dim", "batch")]
    [InlineData("--rounding", "up")]
    public void A_bad_option_is_a_usage_error(params string[] option) =>
        Fails(ExitCode.Usage, ["rewrite", Write("mlp"), "-o", _folder.PathTo("out.onnx"), .. option], option[0]);

    [Fact]
    public void A_verb_without_its_arguments_is_a_usage_error() => Fails(ExitCode.Usage, ["rewrite"], "--output");

    [Fact]
    public void Writing_over_the_input_is_a_usage_error()
    {
        var model = Write("mlp");
        Fails(ExitCode.Usage, ["rewrite", model, "-o", model, "--force"], "the output is the input");
    }

    [Theory]
    [InlineData("inspect")]
    [InlineData("measure")]
    public void A_missing_file_is_an_input_error(string verb) =>
        Fails(ExitCode.InputOutput, [verb, _folder.PathTo("missing.onnx")], "missing.onnx");

    [Fact]
    public void A_damaged_file_is_an_input_error()
    {
        var path = _folder.PathTo("damaged.onnx");
        File.WriteAllBytes(path, [.. File.ReadAllBytes(Write("mlp")).Take(1000)]);
        Fails(ExitCode.InputOutput, ["inspect", path], "onnxactnn:");
    }

    [Fact]
    public void A_model_without_a_backward_pass_is_unsupported()
    {
        var graph = new Graph("forward");
        var type = new TensorType(DataType.Float, Shape.Of(2, 3));
        var (input, result) = (graph.AddValue("x", type), graph.AddValue("y", type));
        graph.AddInput(input);
        GraphEditor.Add(graph, OperatorId.Onnx("Relu"), "relu", [input], [result]);
        graph.AddOutput(result);
        var path = _folder.PathTo("forward.onnx");
        ModelWriter.WriteFile(new Model(graph) { IrVersion = 8, OpsetImports = { [""] = 15 } }, path);
        Fails(ExitCode.Unsupported, ["rewrite", path, "-o", _folder.PathTo("out.onnx")], "loss");
        File.Exists(_folder.PathTo("out.onnx")).Should().BeFalse();
    }

    [Fact]
    public void A_rewritten_model_is_refused()
    {
        var packed = _folder.PathTo("packed.onnx");
        ToolProcess.Run("rewrite", Write("mlp"), "-o", packed).ExitCode.Should().Be(ExitCode.Done);
        Fails(ExitCode.Unsupported, ["rewrite", packed, "-o", _folder.PathTo("again.onnx")], "rewritten already");
    }

    [Fact]
    public void What_stands_there_is_replaced_only_by_force()
    {
        var (model, target) = (Write("mlp"), _folder.PathTo("out.onnx"));
        File.WriteAllText(target, "mine");
        Fails(ExitCode.InputOutput, ["rewrite", model, "-o", target], "--force");
        File.ReadAllText(target).Should().Be("mine");
        ToolProcess.Run("rewrite", model, "-o", target, "--force").ExitCode.Should().Be(ExitCode.Done);
        ModelReader.ReadFile(target).Graph.Nodes.Should().NotBeEmpty();
    }

    [Fact]
    public void An_onnx_runtime_that_cannot_train_is_unsupported()
    {
        var result = ToolProcess.Start("measure", Write("mlp"), "--dim", "batch=4");
        result.ExitCode.Should().Be(ExitCode.Unsupported, result.ToString());
        result.Errors.Should().Contain("cannot train");
        result.Output.Should().BeEmpty();
    }

    public void Dispose() => _folder.Dispose();

    private static void Fails(int code, string[] arguments, string message)
    {
        var result = ToolProcess.Run(arguments);
        result.ExitCode.Should().Be(code, result.ToString());
        result.Errors.Should().Contain(message);
        result.Output.Should().BeEmpty();
    }

    private string Write(string model)
    {
        TestModelFiles.Write(TestModelCatalog.Find(model), _folder.Path, batch: 4);
        return _folder.PathTo(TestModelFiles.Graph);
    }
}
