using System.Text.Json;
using FluentAssertions;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;
using OnnxActNN.TestModels.Building;
using OnnxActNN.Tools;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Measurement;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Tools;

/// <summary><c>onnxactnn verify</c> tells right graphs from wrong ones.</summary>
public sealed class VerifyCommandTests : IDisposable
{
    private const string Entry = "lenet";
    private const string Parameter = "7.weight";
    private const long Features = 64;

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

    /// <summary>
    /// Groups of a tensor without planes run across channels: one of small deviation gets the noise of its neighbours,
    /// and normalization divides by its deviation. The gradients are right on average, and next to useless.
    /// </summary>
    [Fact]
    public void Fails_gradients_that_are_all_noise_and_names_the_tensor_that_makes_it()
    {
        var builder = new ModelBuilder("points", new OrtGradients());
        var labels = builder.Labels("labels", 10);
        var normalized = builder.Data("input", 16).Dense("features", Features).BatchNorm("normalized");
        var loss = normalized.Relu().Dense("head", 10).CrossEntropy(labels);
        var (original, packed) = (_folder.PathTo("training_model.onnx"), _folder.PathTo("packed.onnx"));
        ModelWriter.WriteFile(builder.Finish(loss), original);
        CheckpointWriter.WriteFile(WithUnequalChannels(builder), _folder.PathTo("checkpoint"));
        ToolProcess.Run("rewrite", original, "-o", packed, "--dim", "batch=32").ExitCode.Should().Be(ExitCode.Done);

        var right = VerifyPoints();
        var name = PackInputOfNormalization(packed);
        var noisy = VerifyPoints();

        right.ExitCode.Should().Be(ExitCode.Done, "the rewriter leaves that tensor exact");
        noisy.ExitCode.Should().Be(ExitCode.CheckFailed);
        noisy.Report.GetProperty("relative_error").GetDouble().Should().BeGreaterThan(100);
        var source = noisy.Report.GetProperty("sources").EnumerateArray().Should().ContainSingle().Which;
        source.GetProperty("tensor").GetString().Should().Be(name);
        source.GetProperty("readers").GetString().Should().Be("BatchNormalizationGrad");
        source.GetProperty("share").GetDouble().Should().BeInRange(0.9, 1);
        var problems = noisy.Report.GetProperty("problems").EnumerateArray().Select(problem => problem.GetString());
        problems.Should().HaveCount(2).And.Contain(problem => problem!.Contains($"--exclude '{name}'"));

        (int ExitCode, JsonElement Report) VerifyPoints() =>
            Compare(original, packed, "--dim", "batch=32", "--seeds", "8", "--largest-bias", "1e9");
    }

    /// <summary>All tensors have 8 bits but one.</summary>
    [Fact]
    public void Names_the_tensor_whose_codes_make_the_error()
    {
        var path = _folder.PathTo("packed.onnx");
        ToolProcess.Run("rewrite", Original(), "-o", path, "--bits", "8", "--dim", "batch=8").ExitCode.Should().Be(0);
        var model = ModelReader.ReadFile(path);
        var pack = model.Graph.Nodes.Last(node => node.Operator == PackOperators.QuantizePack);
        pack.Attributes.Set(PackAttributes.Levels, 3);
        ModelWriter.WriteFile(model, path);

        var (code, report) = Verify(path, "--largest-error", "0.001");

        code.Should().Be(ExitCode.CheckFailed);
        var source = report.GetProperty("sources").EnumerateArray().Should().ContainSingle().Which;
        source.GetProperty("tensor").GetString().Should().Be(PackOperators.CodedBy(pack, _ => false).Name);
        source.GetProperty("levels").GetInt32().Should().Be(3);
        source.GetProperty("share").GetDouble().Should().BeInRange(0.9, 1);
    }

    [Fact]
    public void Says_where_there_is_nothing_to_compare_with()
    {
        var inputs = new MeasureInputs(new MeasureRequest { Model = Original() });
        var checkpoint = _folder.PathTo("checkpoint");
        CheckpointWriter.WriteFile(
            inputs.Parameters with { Trained = [.. inputs.Parameters.Trained.Select(NotANumber)] }, checkpoint);

        var (code, report) = Verify(Rewritten(), "--checkpoint", checkpoint);

        code.Should().Be(ExitCode.CheckFailed);
        report.GetProperty("problems").EnumerateArray().Should().ContainSingle()
            .Which.GetString().Should().Contain("original's own").And.Contain("--checkpoint");

        static CheckpointTensor NotANumber(CheckpointTensor tensor) => CheckpointTensor.FromFloats(
            tensor.Name, tensor.Dimensions, Enumerable.Repeat(float.NaN, tensor.AsFloats().Length).ToArray());
    }

    [Theory]
    [InlineData("--largest-error", "0")]
    [InlineData("--largest-bias", "-1")]
    public void Refuses_a_limit_that_nothing_keeps(string option, string value)
    {
        var result = ToolProcess.Run("verify", "a.onnx", "b.onnx", option, value);

        result.ExitCode.Should().Be(ExitCode.Usage);
        result.Errors.Should().Contain(option);
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

    private static (int ExitCode, JsonElement Report) Verify(string rewritten, params string[] options) =>
        Compare(Original(), rewritten, ["--dim", "batch=8", "--seeds", "32", .. options]);

    private static (int ExitCode, JsonElement Report) Compare(
        string original, string rewritten, params string[] options)
    {
        var result = ToolProcess.Start(["verify", original, rewritten, "--json", .. options]);
        return (result.ExitCode, JsonDocument.Parse(result.Output).RootElement);
    }

    /// <summary>Every other channel has a hundredth of its neighbours' deviation.</summary>
    private static Checkpoint WithUnequalChannels(ModelBuilder builder) => new()
    {
        Trained = [.. builder.Parameters.Select(parameter => CheckpointTensor.FromFloats(
            parameter.Name, parameter.Sizes, parameter.Name == "features.weight"
                ? [.. parameter.Values.Select((value, i) => i / 16 % 2 == 0 ? value : value / 100)]
                : parameter.Values))],
    };

    /// <summary>Does what the rewriter has a rule against; returns the tensor's name.</summary>
    private static string PackInputOfNormalization(string path)
    {
        var model = ModelReader.ReadFile(path);
        var graph = model.Graph;
        var gradient = graph.Nodes.Single(node => node.Operator.Type == "BatchNormalizationGrad");
        var input = gradient.Input(1)!;
        var (packed, shape, through, restored) = (
            graph.AddFreshValue("packed"), graph.AddFreshValue("shape"), graph.AddFreshValue("through", input.Declared),
            graph.AddFreshValue("restored", input.Declared));
        var pack = GraphEditor.InsertAfter(
            input.Producer!, PackOperators.QuantizePack, "pack", [input], [packed, shape, through]);
        GraphEditor.InsertBefore(
            gradient, PackOperators.UnpackDequant, "unpack", [packed, shape, gradient.Input(0)], [restored]);
        gradient.SetInput(1, restored);
        GraphEditor.ReplaceUses(input, through, use => use.Node != pack);
        model.OpsetImports[OperatorSchema.Domain] = OperatorSchema.Version;
        ModelWriter.WriteFile(model, path);
        return input.Name;
    }

    private static void Scale(Graph graph, Value value, float factor, Func<Use, bool> which)
    {
        var constant = graph.AddConstant($"{value.Name}/factor", DenseTensorData.Scalar(factor));
        var scaled = graph.AddFreshValue($"{value.Name}/scaled");
        var reader = value.Uses.First(which).Node;
        var node = GraphEditor.InsertBefore(
            reader, OperatorId.Onnx("Mul"), $"{value.Name}/Mul", [value, constant], [scaled]);
        node.DocString = reader.DocString;
        GraphEditor.ReplaceUses(value, scaled, use => use.Node != node && which(use));
    }
}
