namespace OnnxActNN.Rewriter.Planning.Solvers;

/// <summary>An item's choices that can be part of a good solution, from the lightest to the heaviest.</summary>
internal static class Frontier
{
    /// <summary>Indices of the choices than which no other is lighter or equal and better or equal.</summary>
    public static List<int> Of(IReadOnlyList<Choice> choices)
    {
        var kept = new List<int>();
        foreach (var index in Enumerable.Range(0, choices.Count).OrderBy(i => choices[i].Weight)
            .ThenBy(i => choices[i].Value).ThenBy(i => i))
        {
            if (kept.Count == 0 || choices[index].Value < choices[kept[^1]].Value) kept.Add(index);
        }
        return kept;
    }

    /// <summary>
    /// Those of them that lie on the lower convex hull, so that each step up brings less for its weight than the one
    /// before.
    /// </summary>
    public static List<int> Hull(IReadOnlyList<Choice> choices)
    {
        var hull = new List<int>();
        foreach (var index in Of(choices))
        {
            while (hull.Count > 1 && Gain(choices, hull[^2], hull[^1]) <= Gain(choices, hull[^1], index))
                hull.RemoveAt(hull.Count - 1);
            hull.Add(index);
        }
        return hull;
    }

    /// <summary>What going from one choice to a heavier one brings for each unit of weight.</summary>
    public static double Gain(IReadOnlyList<Choice> choices, int from, int to) =>
        (choices[from].Value - choices[to].Value) / (choices[to].Weight - choices[from].Weight);
}
