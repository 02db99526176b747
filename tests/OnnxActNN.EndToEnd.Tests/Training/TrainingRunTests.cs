using FluentAssertions;
using OnnxActNN.Testing;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Training;

/// <summary>Ten steps of AdamW on the real graphs give the losses that were recorded when the zoo was made.</summary>
public sealed class TrainingRunTests
{
    /// <summary>Relative; another machine's kernels sum in another order.</summary>
    private const double Tolerance = 1e-4;

    /// <summary>
    /// These amplify rounding from step to step (notes of the zoo): only their first loss is comparable.
    /// </summary>
    private static readonly HashSet<string> Amplifying =
        ["resnet-tiny", "mobilenet-tiny", "densenet-tiny", "groupnorm-tiny"];

    public static TheoryData<string> Trainable() => [.. ZooGraph.SmallNames.DefaultIfEmpty("lenet")];

    [Theory]
    [MemberData(nameof(Trainable))]
    public void Losses_are_those_recorded(string name)
    {
        TrainingRuntime.Require();
        var zoo = ZooGraph.Open("small", name);
        Assert.SkipUnless(zoo.Entry.Runs, "1.19.2 has no kernels for this graph");
        Assert.SkipWhen(zoo.Entry.HasDropout, "the training graph draws random numbers; see the evaluation test");
        var expected = zoo.Oracle().GetProperty("losses").EnumerateArray().Select(loss => loss.GetDouble()).ToList();

        using var run = new TrainingRun(zoo.Artifacts, new SessionSettings { Threads = 1 }, zoo.Entry.LossOutput);
        var losses = new List<double>();
        for (var step = 0; step < expected.Count; step++)
        {
            using var feeds = zoo.Feeds(step);
            losses.Add(run.Step(feeds.InOrder(run.InputNames)));
            run.OptimizerStep();
        }

        var compared = Amplifying.Contains(name) ? 1 : expected.Count;
        losses.Take(compared).Should()
            .Equal(expected.Take(compared), (loss, want) => Math.Abs(loss - want) <= Tolerance * Math.Abs(want));
    }

    [Theory]
    [InlineData("dropout-mlp")]
    [InlineData("bert-tiny-dropout")]
    public void Evaluation_losses_are_those_recorded_where_training_draws_random_numbers(string name)
    {
        TrainingRuntime.Require();
        var zoo = ZooGraph.Open("small", name);
        using var run = new TrainingRun(zoo.Artifacts, new SessionSettings { Threads = 1 }, zoo.Entry.LossOutput);
        using var feeds = zoo.Feeds(step: 0);
        double loss = run.Evaluate(feeds.InOrder(run.InputNames));
        var expected = zoo.Oracle().GetProperty("eval_loss_step0").GetDouble();
        loss.Should().BeApproximately(expected, Tolerance * expected);
    }
}
