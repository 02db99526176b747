namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// Which tensors should have a code of their own where they are rebuilt: those whose readers see so much of the sources' noise that the
/// bytes are better spent on a code than on the sources.
/// </summary>
internal static class OwnCodes
{
    /// <summary>Names of such tensors with what a code would gain, at the price that the last bytes of the solution have; the most gain first.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="chosen">Its solution.</param>
    /// <param name="sensitivities">What noise does.</param>
    public static IReadOnlyList<string> Find(PlanProblem problem, int[] chosen, SensitivityTable sensitivities)
    {
        var options = problem.Chosen(chosen).ToList();
        var price = PriceOf(problem, options);
        var noise = NoiseOf(problem, options, sensitivities);
        return [.. problem.Items.Where(item => item.Codes.Count > 0)
            .Select(item => (item.Tensor.Value.Name, Gain: noise.GetValueOrDefault(item.Tensor.Value.Name) - item.Codes.Min(code =>
                code.Cost + price * Math.Max(0, code.Bytes - item.Options[0].Bytes))))
            .Where(pair => pair.Gain > 0).OrderByDescending(pair => pair.Gain).Select(pair => pair.Name)];
    }

    /// <summary>The most cost that a byte more would save.</summary>
    private static double PriceOf(PlanProblem problem, List<PlanOption> options) =>
        problem.Items.SelectMany((item, index) => item.Options.Where(option => option.Bytes > options[index].Bytes)
            .Select(option => (options[index].Cost - option.Cost) / (option.Bytes - options[index].Bytes))).Append(0).Max();

    /// <summary>The sources' variance at the readers of each rebuilt tensor.</summary>
    private static Dictionary<string, double> NoiseOf(PlanProblem problem, List<PlanOption> options, SensitivityTable sensitivities)
    {
        var noise = new Dictionary<string, double>();
        for (var index = 0; index < options.Count; index++)
        {
            if (options[index].Format is not { } format) continue;
            var source = problem.Items[index].Tensor;
            foreach (var (rebuilt, path) in problem.Rebuilt.Of(source))
            {
                var added = sensitivities.Of(source, rebuilt, path)?.VarianceAt(format) ?? 0;
                noise[rebuilt.Value.Name] = noise.GetValueOrDefault(rebuilt.Value.Name) + added;
            }
        }
        return noise;
    }
}
