using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.Planning.Solvers;
using OnnxActNN.Rewriter.Plans;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// The knapsack of one plan: what is rebuilt stands, the widths of all other tensors are to be chosen.
/// </summary>
internal sealed class PlanProblem
{
    private readonly PlanRequest _request;
    private readonly SensitivityTable _sensitivities;

    public PlanProblem(
        TrainingGraph training, PlanRequest request, SensitivityTable sensitivities, IReadOnlySet<string> coded)
    {
        (_request, _sensitivities, Coded) = (request, sensitivities, coded);
        var items = new PlanItems(request, training.Saved, sensitivities, coded);
        (Items, Rebuilt, Decided) = (items.Items, items.Rebuilt, items.Decided);
        // What no plan changes: counted rows that are none of the items.
        Report = SavedTensorReport.Of(training, Decided, request.Rewrite.Dimensions);
        var planned = Items.Select(item => item.Tensor.Value.Name).ToHashSet();
        FixedBytes = Report.Rows.Where(
            row => !planned.Contains(row.Name) && (row.IsCounted || row.Decision != StorageDecision.Exact))
            .Aggregate((long?)0, (sum, row) => sum + row.StoredBytes);
    }

    /// <summary>Tensors that have a code of their own where they could be rebuilt.</summary>
    public IReadOnlySet<string> Coded { get; }

    public IReadOnlyList<PlanItem> Items { get; }

    public RebuiltReaders Rebuilt { get; }

    /// <summary>Every saved tensor's decision, items or not.</summary>
    public IReadOnlyList<TensorPlan> Decided { get; }

    public SavedTensorReport Report { get; }

    /// <summary>Bytes that are kept whatever is chosen; null where a size is unknown.</summary>
    public long? FixedBytes { get; }

    /// <summary>Bytes kept with the lightest way of each item.</summary>
    public long? LightestBytes => FixedBytes + Items.Sum(item => item.Options.Min(option => option.Bytes));

    /// <summary>A choice for each item that keeps the limit, in the budget's units; null where none does.</summary>
    public int[]? Solve(double limit)
    {
        IBudgetSolver solver = _request.Exact ? new ExactSolver() : new GreedySolver();
        return _request.Budget.Kind switch
        {
            BudgetKind.AverageBits => solver.Solve(Choices(ByWeight), limit / 8 * Items.Sum(item => item.Elements)),
            BudgetKind.SavedBytes => solver.Solve(Choices(ByWeight), limit - FixedBytes!.Value),
            _ => solver.Solve(
                Choices(option => new Choice(option.Cost, WeightOf(option))), limit * _sensitivities.SquaredNorm),
        };

        Choice ByWeight(PlanOption option) => new(WeightOf(option), option.Cost);
    }

    /// <summary>
    /// What an option takes of a budget of bits or bytes; under a bound on the variance, what is made small.
    /// </summary>
    public double WeightOf(PlanOption option) =>
        _request.Budget.Kind == BudgetKind.AverageBits ? option.CodeBytes : option.Bytes;

    /// <summary>
    /// What is made as small as the limit allows: the cost, or under a bound on the variance, the bytes.
    /// </summary>
    public double ValueOf(int[] chosen) =>
        Chosen(chosen).Sum(option => _request.Budget.Kind == BudgetKind.Variance ? option.Bytes : option.Cost);

    /// <summary>The chosen way of each item.</summary>
    public IEnumerable<PlanOption> Chosen(int[] chosen) => chosen.Select((option, item) => Items[item].Options[option]);

    public int[] Lightest() => [.. Items.Select(item => item.Options.IndexOfLeast(option => option.Bytes))];

    private List<IReadOnlyList<Choice>> Choices(Func<PlanOption, Choice> choose) =>
        [.. Items.Select(item => (IReadOnlyList<Choice>)[.. item.Options.Select(choose)])];
}
