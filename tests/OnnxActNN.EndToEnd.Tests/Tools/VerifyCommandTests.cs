using System.Text.Json;
using FluentAssertions;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;
using OnnxActNN.Tools;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Tools;

/// <summary><c>onnxactnn verify</c> tells right graphs from wrong ones.</summary>
public sealed class VerifyCommandTests : IDisposable
{
    private const string Entry = "lenet";
    private const string Parameter = "7.weight";

    private readonly TempFolder _folder = new();

    [Fact]
    public void Passes_what_the_rewriter_made()
    {
        var (code, report) = Verify(Rewritten());

        code.Should().Be(ExitCode.Done);
        report.GetProperty("passed").GetBoolean().Should().BeTrue();
    }

    /// <summary>A fifth too long: no draw of the noise tells, the mean of all does.</summary>
    [Fact]
    public void Fails_a_graph_with_a_bias_in_one_gradient()
    {
        var path = Rewritten();
        var model = ModelReader.ReadFile(path);
        var gradient = model.Graph.Find($"{Parameter}_grad")!;
        Scale(
            model.Graph, gradient, 1.2f,
            use => use.Node.Operator.Type.StartsWith("InPlaceAccumulator", StringComparison.Ordinal));
        ModelWriter.WriteFile(model, path);

        var (code, report) = Verify(path);

        code.Should().Be(ExitCode.CheckFailed);
        report.GetProperty("passed").GetBoolean().Should().BeFalse();
        report.GetProperty("problems").EnumerateArray().Select(problem => problem.GetString()).Should().ContainSingle()
            .Which.Should().Contain($"'{Parameter}'");
    }

    /// <summary>Two nodes of one name, say: what is wrong with the file stands in the message.</summary>
    [Fact]
    public void Says_what_the_runtime_refuses()
    {
        var path = Rewritten();
        var model = ModelReader.ReadFile(path);
        foreach (var node in model.Graph.Nodes) node.Name = "same";
        ModelWriter.WriteFile(model, path);

        var result = ToolProcess.Run("verify", Original(), path, "--dim", "batch=8");

        result.ExitCode.Should().Be(ExitCode.Unsupported);
        result.Errors.Should().StartWith("onnxactnn: ").And.Contain("same");
    }

    [Fact]
    public void Fails_a_graph_with_another_loss()
    {
        var path = Rewritten();
        var model = ModelReader.ReadFile(path);
        var logits = model.Graph.Nodes.First(node => node.Operator.Type == "SoftmaxCrossEntropyLoss").Input(0)!;
        Scale(model.Graph, logits, 1.0001f, use => use.Node.Operator.Type == "SoftmaxCrossEntropyLoss");
        ModelWriter.WriteFile(model, path);

        var (code, report) = Verify(path);

        code.Should().Be(ExitCode.CheckFailed);
        report.GetProperty("problems").EnumerateArray().Select(problem => problem.GetString()).Should()
            .Contain(problem => problem!.StartsWith("the loss differs"));
    }

    /// <summary>Both graphs drop the same elements in a step, and others in the next.</summary>
    [Fact]
    public void Passes_a_graph_with_dropout()
    {
        var original = SharedFolder.PathTo("models", "zoo", "small", "bert-tiny-dropout", "training_model.onnx");
        var path = _folder.PathTo("packed.onnx");
        ToolProcess.Run("rewrite", original, "-o", path).ExitCode.Should().Be(ExitCode.Done);

        var result = ToolProcess.Start(
            "verify", original, path, "--seeds", "32", "--json", "--dim", "batch=4", "--dim", "sequence=16");

        result.ExitCode.Should().Be(ExitCode.Done, result.Errors);
        var report = JsonDocument.Parse(result.Output).RootElement;
        report.GetProperty("loss_difference").GetDouble().Should().Be(0);
    }

    [Fact]
    public void Names_the_input_whose_size_is_not_given()
    {
        var result = ToolProcess.Run("verify", Original(), Rewritten());

        result.ExitCode.Should().Be(ExitCode.Unsupported);
        result.Errors.Should().Contain("batch").And.Contain("--dim");
    }

    public void Dispose() => _folder.Dispose();

    private static string Original() => SharedFolder.PathTo("models", "zoo", "small", Entry, "training_model.onnx");

    private string Rewritten()
    {
        var path = _folder.PathTo("packed.onnx");
        ToolProcess.Run("rewrite", Original(), "-o", path, "--dim", "batch=8").ExitCode.Should().Be(ExitCode.Done);
        return path;
    }

    private static (int ExitCode, JsonElement Report) Verify(string rewritten)
    {
        var result = ToolProcess.Start("verify", Original(), rewritten, "--dim", "batch=8", "--seeds", "32", "--json");
        return (result.ExitCode, JsonDocument.Parse(result.Output).RootElement);
    }

    private static void Scale(Graph graph, Value value, float factor, Func<Use, bool> which)
    {
        var constant = graph.AddConstant($"{value.Name}/factor", DenseTensorData.Scalar(factor));
        var scaled = graph.AddFreshValue($"{value.Name}/scaled");
        var reader = value.Uses.First(which).Node;
        var node = GraphEditor.Insert(
            inserted => graph.Nodes.InsertBefore(reader, inserted), OperatorId.Onnx("Mul"), $"{value.Name}/Mul",
            [value, constant], [scaled]);
        node.DocString = reader.DocString;
        GraphEditor.ReplaceUses(value, scaled, use => use.Node != node && which(use));
    }
}
