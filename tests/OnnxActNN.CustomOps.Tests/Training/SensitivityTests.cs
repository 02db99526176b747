using FluentAssertions;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;
using OnnxActNN.Training.Gradients;
using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Profiling;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Training;

/// <summary>What a profile predicts of a tensor's noise is what packing it does, for each kind of reader.</summary>
public sealed class SensitivityTests(ITestOutputHelper output)
{
    private const int Draws = 24;

    private const int Probes = 8;

    /// <summary>Of the tensors; with so few draws of heavy-tailed noise some numbers are off by a half.</summary>
    private const double LeastShare = 0.8;

    [Theory]
    [InlineData("cnn-bn")]
    [InlineData("vit-tiny")]
    [InlineData("bert-tiny")]
    [InlineData("bert-tiny-dropout")]
    public void Prediction_and_measurement_agree_in_each_class_of_readers(string name)
    {
        var inputs = Open(name);
        var request = new ProfileRequest
        {
            Steps = 1,
            Draws = Draws,
            Probes = Probes,
            Rewrite = new RewriteOptions { MinimumBytes = 0, Dimensions = inputs.Dimensions },
            Session = new SessionSettings { Threads = 1 },
        };
        var rows = SensitivityComparison.Of(Open(name).Model, ProfileRunner.Run(inputs, request));

        rows.Should().NotBeEmpty();
        foreach (var row in rows) output.WriteLine($"{row.Name} ({row.Readers}): {row.Ratio:F2}");
        foreach (var readers in rows.GroupBy(row => row.Readers))
        {
            var median = readers.Select(row => row.Ratio).Order().ElementAt(readers.Count() / 2);
            median.Should().BeInRange(0.5, 2, readers.Key);
        }
        ((double)rows.Count(row => row.IsClose)).Should().BeGreaterThanOrEqualTo(LeastShare * rows.Count);
    }

    [Fact]
    public void A_graph_with_probes_that_are_off_gives_the_same_gradients()
    {
        var inputs = Open("resnet-tiny");
        var model = ModelReader.Read(ModelWriter.Write(inputs.Model));
        var probes = TrainingGraphProber.Insert(model, new RewriteOptions { MinimumBytes = 0 });
        using var feeds = inputs.Feeds(step: 0);
        using var off = Microsoft.ML.OnnxRuntime.OrtValue.CreateTensorValueFromMemory(new[] { 0f }, []);
        using var original = new GradientSource(inputs.Model, inputs.Parameters, inputs.Signature.LossOutput, new SessionSettings { Threads = 1 });
        using var probed = new GradientSource(model, inputs.Parameters, inputs.Signature.LossOutput, new SessionSettings { Threads = 1 });
        var data = feeds.Values.ToDictionary();
        foreach (var probe in probes) data[probe.Strength] = off;
        var (loss, gradients) = original.Run(feeds.Values);
        var (probedLoss, same) = probed.Run(data);

        probes.Should().NotBeEmpty();
        probedLoss.Should().Be(loss);
        foreach (var (parameter, gradient) in gradients) same[parameter].Should().Equal(gradient, parameter);
    }

    private static MeasureInputs Open(string name)
    {
        var folder = SharedFolder.PathTo("models", "zoo", "small", name);
        return new MeasureInputs(new MeasureRequest
        {
            Model = Path.Combine(folder, "training_model.onnx"),
            Entry = Path.Combine(folder, "entry.json"),
        });
    }
}
