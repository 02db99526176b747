namespace OnnxActNN.Rewriter.Planning.Solvers;

/// <summary>
/// Starts from the lightest choices and takes the step that brings most for its weight, as long as one fits; then the
/// single changes that still help. The first part is the solution of the relaxed problem, but for what the last step
/// leaves of the budget.
/// </summary>
internal sealed class GreedySolver : IBudgetSolver
{
    /// <summary>Single changes that are tried; what is left of the budget is small, so few of them fit.</summary>
    private const int MostChanges = 16;

    public int[]? Solve(IReadOnlyList<IReadOnlyList<Choice>> items, double budget)
    {
        var hulls = items.Select(Frontier.Hull).ToList();
        var at = new int[items.Count];
        var weight = items.Select((choices, item) => choices[hulls[item][0]].Weight).Sum();
        if (weight > budget) return null;
        var steps = new PriorityQueue<int, (double NegativeGain, int Item)>();
        for (var item = 0; item < items.Count; item++) Offer(item);
        while (steps.TryDequeue(out var item, out _))
        {
            var hull = hulls[item];
            var added = items[item][hull[at[item] + 1]].Weight - items[item][hull[at[item]]].Weight;
            // An item whose next step does not fit stays where it is; lighter steps of others may still fit.
            if (weight + added > budget) continue;
            weight += added;
            at[item]++;
            Offer(item);
        }
        var chosen = at.Select((position, item) => hulls[item][position]).ToArray();
        return Improve(items, chosen, budget);

        void Offer(int item)
        {
            if (at[item] + 1 < hulls[item].Count)
                steps.Enqueue(
                    item, (-Frontier.Gain(items[item], hulls[item][at[item]], hulls[item][at[item] + 1]), item));
        }
    }

    /// <summary>Makes the best single change that fits, until none helps.</summary>
    private static int[] Improve(IReadOnlyList<IReadOnlyList<Choice>> items, int[] chosen, double budget)
    {
        for (var change = 0; change < MostChanges; change++)
        {
            double weight = 0;
            for (var item = 0; item < chosen.Length; item++) weight += items[item][chosen[item]].Weight;
            (double Gain, int Item, int Choice) best = (0, -1, -1);
            for (var item = 0; item < chosen.Length; item++)
            {
                var choices = items[item];
                var now = choices[chosen[item]];
                for (var choice = 0; choice < choices.Count; choice++)
                {
                    var gain = now.Value - choices[choice].Value;
                    if (gain > best.Gain && weight - now.Weight + choices[choice].Weight <= budget)
                        best = (gain, item, choice);
                }
            }
            if (best.Item < 0) break;
            chosen[best.Item] = best.Choice;
        }
        return chosen;
    }
}
