using System.Diagnostics;
using CsCheck;
using FluentAssertions;
using OnnxActNN.Rewriter.Planning.Solvers;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Planning;

/// <summary>The solvers keep the budget; the exact one is the best of all, the greedy one close to it.</summary>
public sealed class SolverTests(ITestOutputHelper output)
{
    private static readonly double[] Bits = [1, 1.6, 2, 3, 4, 8];

    /// <summary>
    /// Bits of metadata and what they leave of the variance: 256 elements in a group, the same in 8 bits, 64, 32.
    /// </summary>
    private static readonly (double Bits, double Share)[] Groups =
        [(0.125, 1), (0.07, 1.09), (0.26, 0.7), (0.51, 0.55)];

    private static readonly Gen<List<IReadOnlyList<Choice>>> SmallItems = Gen.Select(Gen.Int[0, 20], Gen.Int[0, 50])
        .Select((weight, value) => new Choice(weight, value)).List[1, 4]
            .Select(list => (IReadOnlyList<Choice>)list).List[1, 6];

    [Fact]
    public void The_exact_one_finds_what_trying_everything_finds()
    {
        Gen.Select(SmallItems, Gen.Int[0, 80]).Sample((items, budget) =>
        {
            var best = BruteForce(items, budget);
            var exact = new ExactSolver().Solve(items, budget);
            var greedy = new GreedySolver().Solve(items, budget);
            (exact is null).Should().Be(best is null);
            (greedy is null).Should().Be(best is null);
            if (exact is null) return;
            Weight(items, exact).Should().BeLessThanOrEqualTo(budget);
            Weight(items, greedy!).Should().BeLessThanOrEqualTo(budget);
            Value(items, exact).Should().Be(best);
            Value(items, greedy!).Should().BeGreaterThanOrEqualTo(best!.Value);
        });
    }

    [Theory]
    [InlineData(1.5)]
    [InlineData(2)]
    [InlineData(4)]
    public void The_greedy_one_is_within_a_per_cent_of_the_exact_one(double average)
    {
        var items = Tensors(200, seed: 3);
        var budget = items.Sum(choices => choices[0].Weight) * average;
        var greedy = Value(items, new GreedySolver().Solve(items, budget)!);
        var watch = Stopwatch.StartNew();
        var exact = Value(items, new ExactSolver().Solve(items, budget)!);
        output.WriteLine($"greedy {greedy:E4}, exact {exact:E4} in {watch.Elapsed.TotalMilliseconds:F1} ms");
        greedy.Should().BeInRange(exact * (1 - 1e-12), exact * 1.01);
    }

    [Fact]
    public void A_thousand_tensors_are_planned_in_a_blink()
    {
        var items = Tensors(1000, seed: 5);
        var budget = items.Sum(choices => choices[0].Weight) * 2;
        var times = Enumerable.Range(0, 5).Select(_ =>
        {
            var watch = Stopwatch.StartNew();
            new GreedySolver().Solve(items, budget);
            return watch.Elapsed.TotalMilliseconds;
        }).ToList();
        output.WriteLine($"{string.Join(" ", times.Select(time => $"{time:F1}"))} ms");
        times.Min().Should().BeLessThan(
            250, "it takes 25 to 41 ms on a machine of its own (docs/evidence-planning.md), and tests share theirs");
    }

    /// <summary>Sizes and sensitivities over several orders of magnitude, as in real graphs.</summary>
    private static List<IReadOnlyList<Choice>> Tensors(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var elements = Math.Ceiling(1000 * Math.Exp(5 * random.NextDouble()));
            var sensitivity = Math.Exp(12 * random.NextDouble());
            return (IReadOnlyList<Choice>)
            [
                .. Bits.SelectMany(bits => Groups.Select(group => new Choice(
                    Math.Ceiling(elements * (bits + group.Bits) / 8),
                    sensitivity * group.Share / Math.Pow(Math.Pow(2, bits) - 1, 2)))),
                new Choice(4 * elements, 0),
            ];
        })];
    }

    private static double? BruteForce(List<IReadOnlyList<Choice>> items, double budget)
    {
        double? best = null;
        var chosen = new int[items.Count];
        Try(0);
        return best;

        void Try(int item)
        {
            if (item == items.Count)
            {
                if (Weight(items, chosen) <= budget && !(Value(items, chosen) >= best)) best = Value(items, chosen);
                return;
            }
            for (var choice = 0; choice < items[item].Count; choice++)
            {
                chosen[item] = choice;
                Try(item + 1);
            }
        }
    }

    private static double Weight(List<IReadOnlyList<Choice>> items, int[] chosen) =>
        chosen.Select((choice, item) => items[item][choice].Weight).Sum();

    private static double Value(List<IReadOnlyList<Choice>> items, int[] chosen) =>
        chosen.Select((choice, item) => items[item][choice].Value).Sum();
}
