using CsCheck;
using FluentAssertions;
using OnnxActNN.Rewriter.IR;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.IR;

/// <summary>Symbolic arithmetic agrees with arithmetic on numbers.</summary>
public sealed class DimensionTests
{
    private static readonly string[] NamesUsed = ["batch", "n", "seq_1", "height.2"];

    private static readonly Gen<Dimension> Leaf = Gen.OneOf(
        Gen.Long[-20, 20].Select(Dimension.Of),
        Gen.OneOf<string>(NamesUsed).Select(Dimension.Named));

    private static readonly Gen<Dimension> Any = Gen.Recursive<Dimension>((depth, deeper) => depth >= 3
        ? Leaf
        : Gen.OneOf(
            Leaf,
            Gen.Select(deeper, deeper).Select((a, b) => a + b),
            Gen.Select(deeper, deeper).Select((a, b) => a - b),
            Gen.Select(deeper, deeper).Select((a, b) => a * b),
            Gen.Select(deeper, deeper).Select(Dimension.FloorDivide),
            Gen.Select(deeper, deeper).Select(Dimension.Min),
            Gen.Select(deeper, deeper).Select(Dimension.Max)));

    private static readonly Gen<Dictionary<string, long>> Bindings =
        Gen.Long[1, 12].Array[NamesUsed.Length].Select(sizes =>
            NamesUsed.Zip(sizes).ToDictionary(pair => pair.First, pair => pair.Second));

    [Fact]
    public void Sums_and_products_obey_the_laws_of_polynomials() => Gen.Select(Any, Any, Any).Sample((a, b, c) =>
    {
        (a + b).Should().Be(b + a);
        (a * b).Should().Be(b * a);
        (a + b + c).Should().Be(a + (b + c));
        (a * b * c).Should().Be(a * (b * c));
        (a * (b + c)).Should().Be(a * b + a * c);
        (a + Dimension.Zero).Should().Be(a);
        (a * Dimension.One).Should().Be(a);
        (a * Dimension.Zero).Should().Be(Dimension.Zero);
        (a - a).Should().Be(Dimension.Zero);
        (a - b + b).Should().Be(a);
    });

    [Fact]
    public void Evaluation_commutes_with_every_operation() => Gen.Select(Any, Any, Bindings).Sample((a, b, bindings) =>
    {
        if (a.Evaluate(bindings) is not { } x || b.Evaluate(bindings) is not { } y) return;
        (a + b).Evaluate(bindings).Should().Be(x + y);
        (a - b).Evaluate(bindings).Should().Be(x - y);
        (a * b).Evaluate(bindings).Should().Be(x * y);
        Dimension.Min(a, b).Evaluate(bindings).Should().Be(Math.Min(x, y));
        Dimension.Max(a, b).Evaluate(bindings).Should().Be(Math.Max(x, y));
        if (y != 0) Dimension.FloorDivide(a, b).Evaluate(bindings).Should().Be((long)Math.Floor((decimal)x / y));
    });

    [Fact]
    public void An_exact_quotient_times_the_divisor_is_the_dividend() => Gen.Select(Any, Leaf).Sample((a, b) =>
    {
        if (b.Equals(Dimension.Zero)) return;
        (a * b).TryDivide(b).Should().Be(a);
        if (a.TryDivide(b) is { } quotient) (quotient * b).Should().Be(a);
    });

    [Fact]
    public void The_text_reads_back_as_the_same_dimension() =>
        Any.Sample(dimension => DimensionParser.Parse(dimension.ToString()).Should().Be(dimension));

    [Fact]
    public void Names_are_those_that_evaluation_needs() => Any.Sample(dimension =>
    {
        // A quotient by zero has no names and no value either.
        if (!dimension.ToString().Contains("/0)", StringComparison.Ordinal))
            dimension.IsKnown.Should().Be(!dimension.Names().Any());
        var bindings = dimension.Names().ToDictionary(name => name, _ => 1L);
        foreach (var name in bindings.Keys.ToList())
        {
            bindings.Remove(name);
            dimension.Evaluate(bindings).Should().BeNull();
            bindings[name] = 1;
        }
    });

    [Theory]
    [InlineData("batch*12/12", "batch")]
    [InlineData("batch*12/5", "floor(12*batch/5)")]
    [InlineData("batch*seq/seq", "batch")]
    [InlineData("0/0", "floor(0/0)")]
    [InlineData("7/2", "3")]
    [InlineData("-7/2", "-4")]
    public void Quotients_are_as_simple_as_they_can_be(string quotient, string expected)
    {
        var parts = quotient.Split('/');

        Dimension.FloorDivide(DimensionParser.Parse(parts[0]), DimensionParser.Parse(parts[1])).ToString().Should()
            .Be(expected);
    }

    [Fact]
    public void Overflow_and_division_by_zero_have_no_value()
    {
        var bindings = new Dictionary<string, long> { ["n"] = long.MaxValue, ["zero"] = 0 };
        var n = Dimension.Named("n");

        (n + n).Evaluate(bindings).Should().BeNull();
        (n * n).Evaluate(bindings).Should().BeNull();
        Dimension.FloorDivide(n, Dimension.Named("zero")).Evaluate(bindings).Should().BeNull();
        Dimension.FloorDivide(n, Dimension.Zero).Evaluate(bindings).Should().BeNull();
    }

    [Fact]
    public void Growth_without_end_is_stopped()
    {
        static Dimension SumOfNames(int count) =>
            Enumerable.Range(0, count).Aggregate(Dimension.Zero, (sum, number) => sum + Dimension.Named($"n{number}"));
        var attempts = new Func<Dimension>[]
        {
            () => Enumerable.Range(0, 60).Aggregate(Dimension.Named("n"), (product, _) => product * product),
            () => Enumerable.Range(0, 60)
            .Aggregate(Dimension.Named("n"), (sum, _) => Dimension.FloorDivide(sum * sum, Dimension.Of(3))),
            () => Enumerable.Range(0, 60).Aggregate(Dimension.One, (product, _) => product * SumOfNames(8)),
            () => SumOfNames(1000),
        };

        foreach (var attempt in attempts) attempt.Should().Throw<DimensionLimitException>();
    }
}
