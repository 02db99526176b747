namespace OnnxActNN.Rewriter.Planning.Solvers;

/// <summary>
/// The best solution, by dynamic programming over the items: after each, all sums of weight and value that can still
/// lead to it.
/// </summary>
/// <remarks>
/// A state (weight, value) is dropped when another is no heavier and no dearer; when the lightest rest does not fit any
/// more; and when its lower bound, from the Lagrangian of the rest at the relaxed problem's multiplier, is above the
/// greedy solution. Weights and values are taken as they are, so nothing is rounded; the number of states is what the
/// last rule leaves.
/// </remarks>
internal sealed class ExactSolver : IBudgetSolver
{
    /// <summary>Sums in another order may differ by so much, relatively.</summary>
    private const double Rounding = 1e-12;

    private readonly GreedySolver _greedy = new();

    public int[]? Solve(IReadOnlyList<IReadOnlyList<Choice>> items, double budget)
    {
        if (_greedy.Solve(items, budget) is not { } start) return null;
        var best = start.Select((choice, item) => items[item][choice].Value).Sum();
        var bound = new Lagrangian(items, budget);
        var layers = new List<List<State>>(items.Count);
        List<State> states = [new State(0, 0, -1, -1)];
        for (var item = 0; item < items.Count; item++)
        {
            states = Extend(states, items[item], state =>
                state.Weight + bound.LightestAfter(item) <= budget * (1 + Rounding)
                && state.Value + bound.LeastAfter(item, budget - state.Weight) <= best + Math.Abs(best) * Rounding);
            layers.Add(states);
        }
        return states.Count == 0 ? start : Trace(layers);
    }

    private static List<State> Extend(List<State> states, IReadOnlyList<Choice> choices, Func<State, bool> isPromising)
    {
        var next = new List<State>(states.Count * choices.Count);
        foreach (var choice in Frontier.Of(choices))
        {
            for (var parent = 0; parent < states.Count; parent++)
            {
                var state = new State(
                    states[parent].Weight + choices[choice].Weight, states[parent].Value + choices[choice].Value,
                    choice, parent);
                if (isPromising(state)) next.Add(state);
            }
        }
        next.Sort(
            (left, right) => left.Weight.CompareTo(right.Weight) is not 0 and var order
            ? order
            : left.Value.CompareTo(right.Value));
        var kept = new List<State>(next.Count);
        foreach (var state in next)
        {
            if (kept.Count == 0 || state.Value < kept[^1].Value) kept.Add(state);
        }
        return kept;
    }

    private static int[] Trace(List<List<State>> layers)
    {
        var chosen = new int[layers.Count];
        var at = layers.Count == 0 ? -1 : layers[^1].Count - 1;
        for (var item = layers.Count - 1; item >= 0; item--)
        {
            chosen[item] = layers[item][at].Choice;
            at = layers[item][at].Parent;
        }
        return chosen;
    }

    private readonly record struct State(double Weight, double Value, int Choice, int Parent);
}
