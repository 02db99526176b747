using FluentAssertions;
using Microsoft.ML.OnnxRuntime;
using OnnxActNN.CustomOps;
using OnnxActNN.Rewriter;
using OnnxActNN.Testing;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Rewriting;

/// <summary>
/// With masks, pooling indices and shapes alone, a rewritten graph is the original to the last bit, in ONNX Runtime's
/// own training build.
/// </summary>
[Collection(RandomNumbers.Name)]
public sealed class LosslessTests(ITestOutputHelper output)
{
    private const int Steps = 3;

    /// <summary>Of the dropout masks: each run starts from it, so that two runs draw the same masks.</summary>
    private const long DropoutSeed = 42;

    private static readonly RewriteOptions Lossless = new() { LosslessOnly = true, MinimumBytes = 0 };

    /// <summary>
    /// Without the session's own optimizations, which fuse what packs stand between: a fused operator rounds in another
    /// way.
    /// </summary>
    private static readonly SessionSettings Settings = new()
    {
        Threads = 1,
        Optimization = GraphOptimizationLevel.ORT_DISABLE_ALL,
        Configure = options => options.RegisterOnnxActNN(),
    };

    public static TheoryData<string> Trainable() => [.. ZooGraph.SmallNames.DefaultIfEmpty("lenet")];

    [Theory]
    [MemberData(nameof(Trainable))]
    public void Gradients_are_the_originals_bit_for_bit(string name)
    {
        var zoo = Open(name);
        using var folder = new TempFolder();
        var path = folder.PathTo("lossless.onnx");
        var result = TrainingGraphRewriter.RewriteFile(zoo.Artifacts.TrainingModel, Lossless);
        result.Save(path);
        output.WriteLine(
            string.Join(
                ", ", result.Pairs.GroupBy(pair => pair.Store.Decision)
                .Select(group => $"{group.Count()} {group.Key}")));

        var expected = Gradients(zoo, zoo.Artifacts.TrainingModel);
        var actual = Gradients(zoo, path);

        actual.Loss.Should().Be(expected.Loss);
        actual.Gradients.Keys.Should().BeEquivalentTo(expected.Gradients.Keys);
        foreach (var (parameter, gradient) in expected.Gradients)
            Bits(actual.Gradients[parameter]).Should().Equal(Bits(gradient), "of the gradient of '{0}'", parameter);
    }

    [Theory]
    [MemberData(nameof(Trainable))]
    public void Steps_with_an_optimizer_have_the_same_losses(string name)
    {
        var zoo = Open(name);
        Assert.SkipWhen(
            TrainingGraphRewriter.RewriteFile(zoo.Artifacts.TrainingModel, Lossless).Pairs.Count == 0,
            "every tensor of this graph is read as a value");
        using var training = new ZooTraining(zoo);

        training.Rewritten(Lossless, Steps).Should().Equal(training.Original(Steps));
    }

    private static ZooGraph Open(string name)
    {
        TrainingRuntime.Require();
        var zoo = ZooGraph.Open("small", name);
        Assert.SkipUnless(zoo.Entry.Runs, "1.19.2 has no kernels for this graph");
        return zoo;
    }

    private static (float Loss, Dictionary<string, float[]> Gradients) Gradients(ZooGraph zoo, string model)
    {
        TrainingUtils.SetSeed(DropoutSeed);
        using var reader = new GradientReader(new GraphRun(model, Settings), zoo.Signature, zoo.Parameters());
        using var feeds = zoo.Feeds(step: 0);
        var loss = reader.Run(feeds.Values);
        return (loss, reader.Gradients.ToDictionary());
    }

    private static int[] Bits(float[] values) => Array.ConvertAll(values, BitConverter.SingleToInt32Bits);
}
