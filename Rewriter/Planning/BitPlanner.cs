using System.Globalization;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.Planning.Solvers;
using OnnxActNN.Rewriter.Plans;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// Puts a plan together: what there is to choose from, a solver for the budget, and what follows from its choice.
/// </summary>
/// <remarks>
/// First every tensor is rebuilt that can be, and the widths of all others are chosen, with the noise that rebuilt
/// tensors have from them. Then those for which a code of their own is worth its bytes get one
/// (<see cref="OwnCodes"/>), and the widths are chosen again, as long as that is better. The same goes the other way,
/// from all of them with codes; the better end counts. Peaks are planned with all of them rebuilt.
/// </remarks>
internal sealed class BitPlanner
{
    /// <summary>Each round takes the time of a plan; what the first ones leave is little.</summary>
    private const int Rounds = 4;

    private readonly TrainingGraph _training;
    private readonly string _fingerprint;
    private readonly PlanRequest _request;
    private readonly SensitivityTable _sensitivities;
    private readonly PlanProblem _problem;
    private readonly OwnCodes _own;

    public BitPlanner(TrainingGraph training, string fingerprint, PlanRequest request)
    {
        (_training, _fingerprint, _request) = (training, fingerprint, request);
        var unplanned = new StoragePolicy(request.Rewrite with { Plan = null }).Decide(training.Saved);
        _sensitivities = new SensitivityTable(training, request.Profile, new RebuiltReaders(unplanned));
        _problem = ProblemWith(new HashSet<string>());
        _own = new OwnCodes(_problem, _sensitivities);
    }

    /// <summary>Bytes that the original keeps for the backward pass; null where a size is unknown.</summary>
    public long? SavedBytes => _problem.Report.SavedBytes;

    /// <summary>A plan for this limit, in the units of the budget.</summary>
    public BitPlan Plan(double budget)
    {
        if (WhyUnknown() is { } reason)
            return Describe(_problem, _problem.Lightest(), PlanVerdict.Unknown, reason, null);
        if (_request.Budget.Kind == BudgetKind.PeakBytes) return PlanPeak(budget);
        if (BestSolution(budget) is { } best) return Describe(best.Problem, best.Chosen, PlanVerdict.Fits, "", null);
        var lightest = Ends().MinBy(problem => problem.LightestBytes)!;
        return Describe(
            lightest, lightest.Lightest(), PlanVerdict.DoesNotFit, "even the lightest codes are over the budget", null);
    }

    /// <summary>
    /// Whether the lightest codes keep a budget of bytes. A peak is that of the buffers which the graph names: what
    /// kernels take beside it for themselves is not known here, so a budget for a machine has to leave room for that
    /// (docs/planning.md).
    /// </summary>
    public bool CanFit()
    {
        if (WhyUnknown() is not null) return false;
        return _request.Budget.Kind == BudgetKind.PeakBytes
            ? CreatePeakModel().Timeline(_problem.Lightest()).Max() <= _request.Budget.Limit
            : Ends().Any(problem => problem.LightestBytes <= _request.Budget.Limit);
    }

    private PlanProblem ProblemWith(IReadOnlySet<string> coded) => new(_training, _request, _sensitivities, coded);

    /// <summary>All rebuilt that can be, and none.</summary>
    private IEnumerable<PlanProblem> Ends()
    {
        yield return _problem;
        if (_own.All.Count > 0) yield return ProblemWith(_own.All.ToHashSet());
    }

    /// <summary>
    /// The better of what both ends lead to, since neither comes to the other: each is better than what lies next to it
    /// as long as the sources have the widths that it asks for. Null where nothing keeps the budget.
    /// </summary>
    private Solution? BestSolution(double budget)
    {
        return Ends().Select(Solve).OfType<Solution>().Select(Improve).MinBy(solution => solution.Value);

        Solution Improve(Solution solution)
        {
            for (var round = 0; round < Rounds; round++)
            {
                var changes = _own.Changes(solution.Problem, solution.Chosen);
                // All at once, else the half that gains most, down to one.
                var better = Counts(changes.Count)
                    .Select(count => Solve(ProblemWith(Changed(solution.Problem.Coded, changes.Take(count)))))
                    .FirstOrDefault(changed => changed?.Value < solution.Value);
                if (better is null) break;
                solution = better;
            }
            return solution;
        }

        Solution? Solve(PlanProblem problem) =>
            problem.Solve(budget) is { } chosen ? new Solution(problem, chosen) : null;
    }

    private static IEnumerable<int> Counts(int all)
    {
        for (var count = all; count > 0; count /= 2) yield return count;
    }

    private static HashSet<string> Changed(IReadOnlySet<string> coded, IEnumerable<string> changes)
    {
        HashSet<string> changed = [.. coded];
        changed.SymmetricExceptWith(changes);
        return changed;
    }

    private string? WhyUnknown()
    {
        if (_request.Budget.Kind == BudgetKind.Variance && _sensitivities.SquaredNorm <= 0)
            return "a bound on the variance needs a profile of the gradients: 'onnxactnn profile'";
        var open = _problem.Report.OpenDimensions;
        if (open.Count > 0) return $"sizes are missing: {string.Join(' ', open.Select(name => $"--dim {name}=8"))}";
        return _problem.Report.SavedBytes is null ? "the type or shape of a saved tensor is not known" : null;
    }

    private BitPlan PlanPeak(double budget)
    {
        var (chosen, peak) = new PeakSolver(CreatePeakModel(), _problem.Items).Solve(budget);
        return Describe(_problem, chosen, peak <= budget ? PlanVerdict.Fits : PlanVerdict.DoesNotFit, "", peak);
    }

    private PeakModel CreatePeakModel()
    {
        var types = _training.Types.With(_request.Rewrite.Dimensions);
        return new PeakModel(_training, _problem.Items, value => types.BytesOf(value) ?? 0);
    }

    private BitPlan Describe(PlanProblem problem, int[] chosen, PlanVerdict verdict, string explanation, long? peak)
    {
        var options = problem.Chosen(chosen).ToList();
        var hasProfile = _sensitivities.SquaredNorm > 0;
        return new BitPlan
        {
            Model = _fingerprint,
            Dimensions = _request.Rewrite.Dimensions,
            Options = new PlanOptions(_request.Rewrite),
            Budget = _request.Budget,
            Verdict = verdict,
            Explanation = explanation,
            SavedBytes = problem.Report.SavedBytes,
            StoredBytes = problem.FixedBytes + options.Sum(option => option.Bytes),
            PeakBytes = peak,
            RelativeVariance = hasProfile ? options.Sum(option => option.Variance) / _sensitivities.SquaredNorm : null,
            Tensors = [.. DescribeTensors(problem, options)],
        };
    }

    /// <summary>
    /// The items, and what is kept as a mask or an index, which no budget changes; in the graph's order.
    /// </summary>
    private IEnumerable<PlannedTensor> DescribeTensors(PlanProblem problem, IReadOnlyList<PlanOption> options)
    {
        var planned = options.Select((option, item) => Describe(problem.Items[item], option))
            .ToDictionary(tensor => tensor.Name);
        foreach (var plan in problem.Decided)
        {
            if (planned.TryGetValue(plan.Tensor.Value.Name, out var tensor)) yield return tensor;
            else if (plan.Decision is StorageDecision.Mask or StorageDecision.Index) yield return Describe(plan);
        }
    }

    private PlannedTensor Describe(TensorPlan plan)
    {
        var dimensions = _request.Rewrite.Dimensions;
        return new PlannedTensor
        {
            Name = plan.Tensor.Value.Name,
            Decision = plan.Decision,
            Bytes = plan.Tensor.Type?.TryGetBytes(dimensions) ?? 0,
            StoredBytes = plan.TryGetStoredBytes(dimensions) ?? 0,
            Variance = _sensitivities.SquaredNorm > 0 ? 0 : null,
            Reason = $"loses nothing: {plan.Reason}",
        };
    }

    private PlannedTensor Describe(PlanItem item, PlanOption option) => new()
    {
        Name = item.Tensor.Value.Name,
        Decision = option.Decision,
        Levels = option.Format is { } format ? CodeWidths.Levels(format.Width) : 0,
        GroupSize = option.GroupSize,
        WidthShares = option.Format is { Shares: { IsUniform: false } shares }
        ? [shares.Two, shares.Four, shares.Eight]
        : null,
        WidthOrder = option.Format is { Shares.IsUniform: false, Order: not WidthOrder.Range and var order }
            ? order
            : null,
        Bytes = item.Bytes,
        StoredBytes = option.Bytes,
        Variance = _sensitivities.SquaredNorm > 0 ? option.Variance : null,
        Reason = ReasonFor(item, option),
    };

    private string ReasonFor(PlanItem item, PlanOption option)
    {
        if (option.Decision == StorageDecision.Rebuild) return "rebuilt from others, whose noise counts for it";
        if (_sensitivities.SquaredNorm <= 0) return "no profile: by its size alone";
        if (option.Decision == StorageDecision.Exact) return "exact: the budget allows it";
        var share = option.Variance / _sensitivities.SquaredNorm;
        var from = item.Sensitivity switch
        {
            { IsMeasured: true } => "measured",
            { } => "predicted",
            null => "not profiled, guessed",
        };
        return string.Create(CultureInfo.InvariantCulture, $"adds {share:E1} of the squared gradient norm ({from})");
    }

    /// <summary>A problem with its solution.</summary>
    private sealed record Solution(PlanProblem Problem, int[] Chosen)
    {
        public double Value { get; } = Problem.ValueOf(Chosen);
    }
}
