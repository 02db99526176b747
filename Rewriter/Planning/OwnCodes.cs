namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// Which of the tensors that can be rebuilt should have a code of their own: those whose readers would see so much of
/// the sources' noise that the budget is better spent on a code than on the sources.
/// </summary>
/// <param name="whole">The problem in which all of them are rebuilt.</param>
/// <param name="sensitivities">What noise does.</param>
internal sealed class OwnCodes(PlanProblem whole, SensitivityTable sensitivities)
{
    /// <summary>Names of all tensors that have the choice.</summary>
    public IReadOnlyList<string> All { get; } =
        [.. whole.Items.Where(item => item.Codes.Count > 0).Select(item => item.Tensor.Value.Name)];

    /// <summary>
    /// Names of those for which the other way is better at the widths of a solution, at the price that the last part of
    /// its budget has; the most gain first.
    /// </summary>
    /// <param name="problem">A problem in which some of them have a code.</param>
    /// <param name="chosen">Its solution.</param>
    public IReadOnlyList<string> Changes(PlanProblem problem, int[] chosen)
    {
        var options = problem.Chosen(chosen).ToList();
        var price = PriceOf(problem, options);
        var noise = NoiseOf(problem, options);
        return [
            .. whole.Items.Where(item => item.Codes.Count > 0)
            .Select(item => (item.Tensor.Value.Name, Gain: GainOf(item)))
            .Where(pair => pair.Gain > 0).OrderByDescending(pair => pair.Gain).Select(pair => pair.Name)];

        double GainOf(PlanItem item)
        {
            var name = item.Tensor.Value.Name;
            var gain = noise.GetValueOrDefault(name) + price * problem.WeightOf(item.Options[0])
                - item.Codes.Min(code => code.Cost + price * problem.WeightOf(code));
            return problem.Coded.Contains(name) ? -gain : gain;
        }
    }

    /// <summary>The most cost that a little more of the budget would save.</summary>
    private static double PriceOf(PlanProblem problem, List<PlanOption> options) =>
        problem.Items.SelectMany((item, index) => item.Options
            .Select(
                option => (Saved: options[index].Cost - option.Cost,
                More: problem.WeightOf(option) - problem.WeightOf(options[index])))
            .Where(step => step.More > 0).Select(step => step.Saved / step.More)).Append(0).Max();

    /// <summary>
    /// The sources' variance at the readers of each tensor if it were rebuilt; what has no code now would be no source.
    /// </summary>
    private Dictionary<string, double> NoiseOf(PlanProblem problem, List<PlanOption> options)
    {
        var noise = new Dictionary<string, double>();
        for (var index = 0; index < options.Count; index++)
        {
            var source = problem.Items[index].Tensor;
            foreach (var (rebuilt, path) in whole.Rebuilt.Of(source))
            {
                var added = options[index].Format is { } format
                    ? sensitivities.Of(source, rebuilt, path)?.VarianceAt(format) ?? 0
                    : double.PositiveInfinity;
                noise[rebuilt.Value.Name] = noise.GetValueOrDefault(rebuilt.Value.Name) + added;
            }
        }
        return noise;
    }
}
