using FluentAssertions;
using OnnxActNN.Rewriter;
using OnnxActNN.Testing;
using OnnxActNN.Training.Gradients;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Gradients;

/// <summary>
/// Gradients of rewritten graphs are right on average over many runs: those that depend on packed tensors linearly, all
/// of them; of the others it is known which operator bends the noise.
/// </summary>
/// <remarks>
/// The last argument names the operators behind which some parameter's gradient has a resolved bias. Measured at 2 bits
/// over 128 runs, behind gradients of normalizations that do not know their codes' error: eleven of bert-tiny's 41
/// parameters, z up to 29; ten of mobilenet-tiny's, z up to 7. Those that read codes add what the error's square takes
/// away, and then there is none.
/// </remarks>
public sealed class GradientBiasTests(ITestOutputHelper output)
{
    private const int Runs = 128;

    [Theory]
    [InlineData("mlp", "")]
    [InlineData("residual-plain", "")]
    [InlineData("shared-tensor", "")]
    [InlineData("residual", "")]
    public void Of_a_test_model(string name, string biasedBy)
    {
        TrainingRuntime.Require();
        using var trained = GradientCase.OfTestModel(name, batch: 8);
        Check(trained, biasedBy);
    }

    [Theory]
    [InlineData("lenet", "")]
    [InlineData("unet-tiny", "")]
    [InlineData("cnn-bn", "")]
    [InlineData("bert-tiny", "")]
    [InlineData("vit-tiny", "")]
    [InlineData("gpt2-tiny", "")]
    [InlineData("densenet-tiny", "")]
    [InlineData("mobilenet-tiny", "")]
    [InlineData("gru-unrolled", "")]
    public void Of_a_real_graph(string name, string biasedBy)
    {
        TrainingRuntime.Require();
        using var trained = GradientCase.OfZoo(name);
        Check(trained, biasedBy);
    }

    private void Check(GradientCase trained, string biasedBy)
    {
        var result = trained.Rewrite(new RewriteOptions { MinimumBytes = 0 });
        var readers = new NonlinearReaders(result);
        var tests = trained.Exact.ToDictionary(gradient => gradient.Key, gradient => new BiasTest(gradient.Value));
        foreach (var draw in trained.Sample(result.ToBytes(), Runs))
        {
            foreach (var (parameter, gradient) in draw) tests[parameter].Add(gradient);
        }

        var failed = tests.Where(test => test.Value.LargestZ > BiasTest.Threshold)
            .Select(test => (Parameter: test.Key, test.Value.LargestZ, Cause: readers.NearestTo(test.Key))).ToList();
        var linear = tests.Keys.Count(parameter => readers.NearestTo(parameter) is null);
        output.WriteLine($"{tests.Count} parameters, {linear} of them linear; largest z of those "
            + $"{tests.Where(test => readers.NearestTo(test.Key) is null).Select(test => test.Value.LargestZ).DefaultIfEmpty().Max():F1}");
        foreach (var (parameter, z, cause) in failed) output.WriteLine($"{parameter}: z = {z:F1}, behind {cause}");

        tests.Values.Max(test => test.LargestZ).Should().BePositive("the gradients are noisy");
        failed.Where(failure => failure.Cause is null).Should().BeEmpty();
        failed.Select(failure => failure.Cause!.Operator.Type).Distinct().Order()
            .Should().Equal(biasedBy.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
