namespace OnnxActNN.Rewriter.Planning.Solvers;

/// <summary>
/// The multiple-choice knapsack: one choice for each item, so that the weights' sum is at most the budget and the
/// values' sum is small.
/// </summary>
internal interface IBudgetSolver
{
    /// <summary>
    /// The index of the choice for each item; null where even the lightest choices are over the budget.
    /// </summary>
    /// <param name="items">For each item its choices, at least one; in any order.</param>
    /// <param name="budget">Most that the weights may sum up to.</param>
    public int[]? Solve(IReadOnlyList<IReadOnlyList<Choice>> items, double budget);
}
