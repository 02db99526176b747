using System.Globalization;
using FluentAssertions;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Lowering;

/// <summary>Each lowered operator computes what ONNX Runtime 1.19.2's own kernel computes.</summary>
public sealed class RecipeTests
{
    /// <summary>
    /// Largest difference, relative to the output's largest element: float32 rounding (2⁻²⁴) in sums of up to a few
    /// hundred terms that two implementations add in different orders.
    /// </summary>
    private const double Tolerance = 1e-5;

    private static readonly Dictionary<string, OperatorCase> Cases = RecipeCases.All()
        .ToDictionary(one => one.ToString());

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Lowered_operator_equals_the_original(string name)
    {
        TrainingRuntime.Require();
        var operatorCase = Cases[name];

        var expected = operatorCase.RunOriginal();
        var actual = operatorCase.RunLowered();

        actual.Should().HaveSameCount(expected);
        var largest = actual.Zip(expected, RelativeError).Max();
        TestContext.Current.SendDiagnosticMessage(
            string.Create(CultureInfo.InvariantCulture, $"{operatorCase.Operator} {largest:0.0e+0}"));
        largest.Should().BeLessThan(Tolerance);
    }

    /// <summary>Every recipe has a case here or in <see cref="AdjointTests"/>.</summary>
    [Fact]
    public void Every_recipe_is_covered()
    {
        var covered = Cases.Values.Select(one => one.Operator).Concat(AdjointTests.Operators).ToHashSet();
        RecipeTable.All.Select(recipe => recipe.Operator.Type).Should().BeSubsetOf(covered);
    }

    private static double RelativeError(double[] actual, double[] expected)
    {
        actual.Should().HaveSameCount(expected);
        var scale = expected.Select(Math.Abs).DefaultIfEmpty(0).Max();
        var difference = actual.Zip(expected, (a, e) => double.IsNaN(a - e) ? double.PositiveInfinity : Math.Abs(a - e))
            .DefaultIfEmpty(0).Max();
        return scale > 0 ? difference / scale : difference;
    }
}
