namespace OnnxActNN.Rewriter.Planning.Solvers;

/// <summary>
/// Keeps the most bytes alive at once below a budget: from the dearest choices down, each time where the peak stands,
/// the step that costs least for what it frees there; then back up wherever the peak allows it.
/// </summary>
internal sealed class PeakSolver(PeakModel model, IReadOnlyList<PlanItem> items)
{
    /// <summary>
    /// The choice for each item, and the peak; over the budget where nothing that is alive at the peak can be made
    /// lighter.
    /// </summary>
    public (int[] Chosen, long Peak) Solve(double budget)
    {
        var chosen = items.Select(item => item.Options.IndexOfLeast(option => option.Cost)).ToArray();
        var timeline = model.Timeline(chosen);
        while (timeline.Max() > budget)
        {
            if (BestStepDown(chosen, timeline, Array.IndexOf(timeline, timeline.Max())) is not var (item, option))
                break;
            Move(chosen, timeline, item, option);
        }
        if (timeline.Max() <= budget) StepUp(chosen, timeline, budget);
        return (chosen, timeline.Max());
    }

    private (int Item, int Option)? BestStepDown(int[] chosen, long[] timeline, int peak)
    {
        (int, int)? best = null;
        var least = double.PositiveInfinity;
        for (var item = 0; item < items.Count; item++)
        {
            var now = items[item].Options[chosen[item]];
            var before = model.BytesAt(peak, item, now);
            for (var option = 0; option < items[item].Options.Count; option++)
            {
                var other = items[item].Options[option];
                if (other.Bytes >= now.Bytes) continue;
                var freed = before - model.BytesAt(peak, item, other);
                var price = Math.Max(0, other.Cost - now.Cost) / freed;
                if (freed <= 0 || price >= least) continue;
                least = price;
                best = (item, option);
            }
        }
        return best;
    }

    private void StepUp(int[] chosen, long[] timeline, double budget)
    {
        var steps = Enumerable.Range(0, items.Count)
            .SelectMany(item => Enumerable.Range(0, items[item].Options.Count).Select(option => (item, option)))
            .OrderByDescending(
                step => items[step.item].Options[chosen[step.item]].Cost - items[step.item].Options[step.option].Cost)
                .ToList();
        foreach (var (item, option) in steps)
        {
            var before = chosen[item];
            if (items[item].Options[option].Cost >= items[item].Options[before].Cost) continue;
            Move(chosen, timeline, item, option);
            if (timeline.Max() > budget) Move(chosen, timeline, item, before);
        }
    }

    private void Move(int[] chosen, long[] timeline, int item, int option)
    {
        model.Add(timeline, item, items[item].Options[chosen[item]], -1);
        chosen[item] = option;
        model.Add(timeline, item, items[item].Options[option], 1);
    }
}
