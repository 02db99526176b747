using FluentAssertions;
using OnnxActNN.EndToEnd.Tests.Tools;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Testing;
using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Prediction;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Reporting;

/// <summary>What is worked out from a graph alone, against the order and sizes of a step that ran.</summary>
public sealed class MemoryPredictionTests : IDisposable
{
    /// <summary>
    /// ONNX Runtime fuses and folds small nodes when a session starts. On the graphs here that moves bytes by less than
    /// this share.
    /// </summary>
    private const double Fusion = 0.05;

    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("cnn-bn")]
    [InlineData("resnet-tiny")]
    [InlineData("lenet")]
    [InlineData("unet-tiny")]
    [InlineData("densenet-tiny")]
    public void Predicted_and_executed_liveness_agree(string name)
    {
        TrainingRuntime.Require();
        var zoo = ZooGraph.Open("small", name);
        var packed = _folder.PathTo("packed.onnx");
        TrainingGraphRewriter.RewriteFile(zoo.Artifacts.TrainingModel).Save(packed);
        foreach (var path in new[] { zoo.Artifacts.TrainingModel, packed })
        {
            var measured = MeasureRunner.MeasureExecution(new MeasureRequest
            {
                Model = path,
                Entry = Path.Combine(zoo.Folder, "entry.json"),
                Checkpoint = zoo.Artifacts.Checkpoint,
                Threads = 1,
            });
            var predicted = MemoryPredictor.Predict(ModelReader.ReadFile(path), zoo.Entry.ExampleDimensions);
            predicted.UnknownValues.Should().BeEmpty();
            ((double)predicted.SavedBytes).Should()
                .BeApproximately(measured.SavedBytes, Fusion * measured.SavedBytes, path);
            ((double)predicted.PeakBytes).Should()
                .BeApproximately(measured.PeakLivenessBytes, Fusion * measured.PeakLivenessBytes, path);
        }
    }

    /// <summary>What passes and planner go by is what the report shows of the file they made.</summary>
    [Theory]
    [InlineData("small", "resnet-tiny")]
    [InlineData("small", "bert-tiny")]
    [InlineData("small", "unet-tiny")]
    [InlineData("large", "googlenet")]
    public void The_rewriter_and_the_report_predict_the_same_peak(string size, string name)
    {
        var zoo = ZooGraph.Open(size, name);
        var sizes = zoo.Entry.ExampleDimensions;
        var result = TrainingGraphRewriter.RewriteFile(
            zoo.Artifacts.TrainingModel, new RewriteOptions { MinimumBytes = 0, Dimensions = sizes });

        MemoryPredictor.Predict(ModelReader.Read(result.ToBytes()), sizes).PeakBytes.Should()
            .Be(StepPeak.Find(result.Model, sizes).Bytes);
    }

    [Fact]
    public void Categories_add_up_to_the_peak()
    {
        var model = ZooGraph.Open("small", "resnet-tiny");
        var predicted = MemoryPredictor.Predict(model.Model, model.Entry.ExampleDimensions);
        var together = Enum.GetValues<MemoryCategory>().Select(predicted.BytesAt)
            .Aggregate((sum, next) => [.. sum.Zip(next, (a, b) => a + b)]);
        together.Max().Should().Be(predicted.PeakBytes + predicted.ConstantBytes);
        Array.IndexOf(together, together.Max()).Should().Be(predicted.PeakStep);
        predicted.Constant[MemoryCategory.Optimizer].Should().Be(2 * predicted.Constant[MemoryCategory.Gradients]);
    }

    [Fact]
    public void A_dimension_without_a_size_is_a_usage_error()
    {
        var path = ZooGraph.Open("small", "lenet").Artifacts.TrainingModel;
        var result = ToolProcess.Run("report", path, "-o", _folder.PathTo("out.html"));
        result.ExitCode.Should().Be(OnnxActNN.Tools.ExitCode.Usage);
        result.Errors.Should().Contain("--dim batch=8");
        File.Exists(_folder.PathTo("out.html")).Should().BeFalse();
    }

    public void Dispose() => _folder.Dispose();
}
