using FluentAssertions;
using OnnxActNN.Testing;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Training;

/// <summary>Gradients at the zoo's parameters are those of another framework's automatic differentiation.</summary>
public sealed class GradientReaderTests
{
    /// <summary>Relative to the parameter's gradient norm: float32 rounding through a few dozen layers.</summary>
    private const double Tolerance = 1e-4;

    /// <summary>
    /// A gradient that is exactly zero in theory (a bias before a normalization) is rounding noise in practice.
    /// </summary>
    private const double Noise = 1e-5;

    public static TheoryData<string> Trainable() => [.. ZooGraph.SmallNames.DefaultIfEmpty("lenet")];

    [Theory]
    [MemberData(nameof(Trainable))]
    public void Gradient_norms_are_those_recorded(string name)
    {
        TrainingRuntime.Require();
        var zoo = ZooGraph.Open("small", name);
        Assert.SkipUnless(zoo.Entry.Runs, "1.19.2 has no kernels for this graph");
        Assert.SkipWhen(zoo.Entry.HasDropout, "the training graph draws random numbers");
        var settings = new SessionSettings { Threads = 1 };
        using var reader = new GradientReader(
            new GraphRun(zoo.Artifacts.TrainingModel, settings), zoo.Signature, zoo.Parameters());
        using var feeds = zoo.Feeds(step: 0);

        double loss = reader.Run(feeds.Values);

        var oracle = zoo.Oracle();
        loss.Should().BeApproximately(oracle.GetProperty("losses")[0].GetDouble(), 1e-5);
        var recorded = oracle.GetProperty("gradients").EnumerateObject().ToList();
        recorded.Select(gradient => gradient.Name).Should().BeEquivalentTo(reader.Gradients.Keys);
        foreach (var gradient in recorded)
        {
            var norm = gradient.Value.GetProperty("l2").GetDouble();
            var measured = Math.Sqrt(reader.Gradients[gradient.Name].Sum(x => (double)x * x));
            measured.Should().BeApproximately(norm, Tolerance * norm + Noise, $"of the gradient of '{gradient.Name}'");
        }
    }
}
