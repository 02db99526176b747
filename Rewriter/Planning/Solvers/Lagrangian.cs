namespace OnnxActNN.Rewriter.Planning.Solvers;

/// <summary>
/// Lower bounds for the items behind a given one: with a price on weight, each item's choice stands for itself, and the
/// sum is never more than the best solution. The price is the gain of the step at which the budget of the relaxed
/// problem ends.
/// </summary>
internal sealed class Lagrangian
{
    private readonly double _price;
    private readonly double[] _lightest;
    private readonly double[] _least;

    public Lagrangian(IReadOnlyList<IReadOnlyList<Choice>> items, double budget)
    {
        _price = PriceOf(items, budget);
        _lightest = new double[items.Count + 1];
        _least = new double[items.Count + 1];
        for (var item = items.Count - 1; item >= 0; item--)
        {
            _lightest[item] = _lightest[item + 1] + items[item].Min(choice => choice.Weight);
            _least[item] = _least[item + 1] + items[item].Min(choice => choice.Value + _price * choice.Weight);
        }
    }

    /// <summary>The least weight of all items behind this one.</summary>
    public double LightestAfter(int item) => _lightest[item + 1];

    /// <summary>A lower bound of their value, with so much weight left.</summary>
    public double LeastAfter(int item, double rest) => _least[item + 1] - _price * rest;

    private static double PriceOf(IReadOnlyList<IReadOnlyList<Choice>> items, double budget)
    {
        var steps = new List<(double Gain, double Weight)>();
        double weight = 0;
        foreach (var choices in items)
        {
            var hull = Frontier.Hull(choices);
            weight += choices[hull[0]].Weight;
            for (var i = 1; i < hull.Count; i++)
                steps.Add(
                    (Frontier.Gain(choices, hull[i - 1], hull[i]),
                    choices[hull[i]].Weight - choices[hull[i - 1]].Weight));
        }
        foreach (var (gain, added) in steps.OrderByDescending(step => step.Gain))
        {
            weight += added;
            if (weight > budget) return gain;
        }
        return 0;
    }
}
