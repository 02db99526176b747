using FluentAssertions;
using OnnxActNN.Testing;
using Xunit;
using static OnnxActNN.EndToEnd.Tests.Lowering.CaseTensor;

namespace OnnxActNN.EndToEnd.Tests.Lowering;

/// <summary>
/// Gradient operators that ONNX Runtime 1.19.2 has no working CPU kernel for (DropoutGrad's scales even without
/// training mode). Their forward operators are linear in each input, so the lowered gradient dX of ⟨f(X), dY⟩ must
/// satisfy ⟨V, dX⟩ = ⟨f(V), dY⟩ for every V.
/// </summary>
public sealed class AdjointTests
{
    /// <summary>Directions tried; an error hides only from directions orthogonal to it.</summary>
    private const int Directions = 8;

    /// <summary>Relative to the norms' product: float32 rounding in sums of up to some thousand terms.</summary>
    private const double Tolerance = 1e-5;

    private static readonly Dictionary<string, AdjointCase> Cases = AdjointCases.All().ToDictionary(one => one.Name);

    /// <summary>The operators tested here.</summary>
    public static IEnumerable<string> Operators => ["ConvTransposeGrad", "AveragePoolGrad", "ResizeGrad"];

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Lowered_gradient_is_the_adjoint_of_the_forward_operator(string name)
    {
        TrainingRuntime.Require();
        var (_, forward, inputSizes, outputSizes, gradient) = Cases[name];
        var dY = Uniform(1, outputSizes);
        var actual = gradient(dY).RunLowered()[0];

        for (var direction = 0; direction < Directions; direction++)
        {
            var v = Uniform(100 + direction, inputSizes);
            var result = forward(v).RunOriginal()[0];
            result.Should().HaveCount(dY.Doubles().Length);

            var error = Math.Abs(Dot(v.Doubles(), actual) - Dot(result, dY.Doubles()));
            error.Should().BeLessThan(Tolerance * Norm(v.Doubles()) * Norm(actual));
        }
    }

    private static double Dot(double[] a, double[] b)
    {
        a.Should().HaveSameCount(b);
        return a.Zip(b, (x, y) => x * y).Sum();
    }

    private static double Norm(double[] a) => Math.Sqrt(a.Sum(x => x * x));
}
