using FluentAssertions;
using OnnxActNN.Rewriter;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Gradients;

/// <summary>The noise in a gradient has the variance that the code's formula gives.</summary>
public sealed class GradientVarianceTests(ITestOutputHelper output)
{
    private const int Runs = 256;
    private const string Parameter = "head.weight";
    private const int Features = 64;
    private const int Classes = 10;

    /// <summary>Levels of a zero-exact 2-bit code above its least positive one.</summary>
    private const int Steps = 2;

    /// <summary>
    /// The last layer's weight gradient is dYᵀX with dY exact and X a packed Relu output, one group per sample:
    /// dithered with error variance step²/12 where X is positive and exact where it is 0. So E‖Ĝ − G‖² = Σ over samples
    /// of ‖dy‖² · (positive x) · step²/12.
    /// </summary>
    [Fact]
    public void Of_a_product_with_one_packed_factor()
    {
        TrainingRuntime.Require();
        using var trained = GradientCase.OfTestModel("mlp", batch: 8);
        var product = trained.Copy().Graph.Find($"{Parameter}_grad")!.Producer!;
        var read = trained.Intermediates(product.Input(0)!.Name, product.Input(1)!.Name);
        var (dy, x) = (read[0], read[1]);
        var expected = dy.Chunk(Classes).Zip(x.Chunk(Features)).Sum(sample =>
        {
            var step = sample.Second.Max() / (double)Steps;
            return sample.First.Sum(y => (double)y * y) * sample.Second.Count(value => value > 0) * step * step / 12;
        });

        var exact = trained.Exact[Parameter];
        var graph = trained.Rewrite(new RewriteOptions { MinimumBytes = 0 }).ToBytes();
        var measured = trained.Sample(graph, Runs)
            .Average(draw => draw[Parameter].Zip(exact, (a, b) => (a - b) * (a - b)).Sum());

        output.WriteLine($"measured {measured:E3}, by the formula {expected:E3}: {measured / expected:F4}");
        // The stored step is a bfloat16 rounded up: by up to 1/128, its square by up to 1/64. The rest is the sampling
        // error.
        (measured / expected).Should().BeInRange(0.98, 1.04);
    }
}
