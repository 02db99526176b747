using System.Globalization;
using FluentAssertions;
using OnnxActNN.Rewriter;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Python;

/// <summary>
/// Rewritten graphs in Python's <c>onnxruntime.training.api</c>, with the shared library and nothing else of ours.
/// </summary>
public sealed class PythonTrainingTests
{
    private const int Steps = 10;

    /// <summary>What ten steps at 8 bits may differ by from the unrewritten graph's.</summary>
    private const double EightBitTolerance = 0.01;

    [Theory]
    [InlineData("lenet")]
    [InlineData("bert-tiny")]
    public void A_rewritten_graph_trains_like_the_original(string name)
    {
        var folder = SharedFolder.PathTo("models", "zoo", "small", name);
        var original = Path.Combine(folder, "training_model.onnx");
        using var temp = new TempFolder();
        var packed = temp.PathTo("packed.onnx");
        TrainingGraphRewriter.RewriteFile(
            original, new RewriteOptions { Width = Format.CodeWidth.EightBits, MinimumBytes = 0 }).Save(packed);

        var expected = Losses(folder, original);
        var losses = Losses(folder, packed, OperatorLibraryFile.Path);

        losses[0].Should().Be(expected[0], "the forward pass is the same");
        losses.Should().NotEqual(expected, "the gradients come from codes");
        losses.Zip(expected).Should()
            .OnlyContain(pair => Math.Abs(pair.First - pair.Second) <= EightBitTolerance * Math.Abs(pair.Second));
    }

    private static double[] Losses(string folder, string model, string? library = null)
    {
        var script = Path.Combine(SharedFolder.Repository, "tests", "OnnxActNN.EndToEnd.Tests", "Python", "train.py");
        string[] arguments =
            [script, folder, model, Steps.ToString(CultureInfo.InvariantCulture),
            .. library is null ? [] : new[] { library }];
        var run = ChildProcess.Run(TrainingPython.Interpreter, arguments);
        run.ExitCode.Should().Be(0, "{0}", run);
        return [
            .. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => double.Parse(line, CultureInfo.InvariantCulture))];
    }
}
