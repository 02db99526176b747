using System.Globalization;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.Planning.Solvers;
using OnnxActNN.Rewriter.Plans;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>Puts a plan together: what there is to choose from, a solver for the budget, and what follows from its choice.</summary>
internal sealed class BitPlanner
{
    private readonly TrainingGraph _training;
    private readonly string _fingerprint;
    private readonly PlanRequest _request;
    private readonly SensitivityTable _sensitivities;
    private readonly IReadOnlyList<PlanItem> _items;
    private readonly long? _fixedBytes;
    private readonly long? _savedBytes;
    private readonly IReadOnlyList<string> _open;

    public BitPlanner(TrainingGraph training, string fingerprint, PlanRequest request)
    {
        (_training, _fingerprint, _request) = (training, fingerprint, request);
        _sensitivities = new SensitivityTable(training, request.Profile);
        _items = new PlanItems(request, training, _sensitivities.Of).Items;
        // What no plan changes: counted rows that are none of the items.
        var report = SavedTensorReport.Of(training, new FixedWidthPolicy(request.Rewrite with { Plan = null }).Decide(training.Saved), request.Rewrite.Dimensions);
        var planned = _items.Select(item => item.Tensor.Value.Name).ToHashSet();
        _fixedBytes = report.Rows.Where(row => !planned.Contains(row.Name) && (row.IsCounted || row.Decision != StorageDecision.Exact))
            .Aggregate((long?)0, (sum, row) => sum + row.StoredBytes);
        _savedBytes = report.SavedBytes;
        _open = report.OpenDimensions;
    }

    /// <summary>A plan for this limit, in the units of the budget.</summary>
    public BitPlan Plan(double budget)
    {
        if (WhyUnknown() is { } reason) return Describe(Lightest(), PlanVerdict.Unknown, reason, null);
        if (_request.Budget.Kind == BudgetKind.PeakBytes) return PlanPeak(budget);
        var (choices, limit) = Problem(budget);
        IBudgetSolver solver = _request.Exact ? new ExactSolver() : new GreedySolver();
        return solver.Solve(choices, limit) is { } chosen
            ? Describe(chosen, PlanVerdict.Fits, "", null)
            : Describe(Lightest(), PlanVerdict.DoesNotFit, "even the lightest codes are over the budget", null);
    }

    /// <summary>Whether the lightest codes keep a budget of bytes.</summary>
    public bool CanFit()
    {
        if (WhyUnknown() is not null) return false;
        if (_request.Budget.Kind != BudgetKind.PeakBytes)
            return _fixedBytes + _items.Sum(item => item.Options.Min(option => option.Bytes)) <= _request.Budget.Limit;
        return CreatePeakModel().Timeline(Lightest()).Max() <= _request.Budget.Limit;
    }

    private string? WhyUnknown()
    {
        if (_request.Budget.Kind == BudgetKind.Variance && _sensitivities.SquaredNorm <= 0)
            return "a bound on the variance needs a profile of the gradients: 'onnxactnn profile'";
        if (_open.Count > 0) return $"sizes are missing: {string.Join(' ', _open.Select(name => $"--dim {name}=8"))}";
        return _savedBytes is null ? "the type or shape of a saved tensor is not known" : null;
    }

    /// <summary>Weights, values and the limit of the knapsack.</summary>
    private (IReadOnlyList<IReadOnlyList<Choice>> Choices, double Limit) Problem(double limit)
    {
        return _request.Budget.Kind switch
        {
            BudgetKind.AverageBits => (Choices(option => new Choice(option.CodeBytes, option.Cost)), limit / 8 * _items.Sum(item => item.Elements)),
            BudgetKind.SavedBytes => (Choices(option => new Choice(option.Bytes, option.Cost)), limit - _fixedBytes!.Value),
            _ => (Choices(option => new Choice(option.Cost, option.Bytes)), limit * _sensitivities.SquaredNorm),
        };
    }

    private List<IReadOnlyList<Choice>> Choices(Func<PlanOption, Choice> choose) =>
        [.. _items.Select(item => (IReadOnlyList<Choice>)[.. item.Options.Select(choose)])];

    private BitPlan PlanPeak(double budget)
    {
        var (chosen, peak) = new PeakSolver(CreatePeakModel(), _items).Solve(budget);
        return Describe(chosen, peak <= budget ? PlanVerdict.Fits : PlanVerdict.DoesNotFit, "", peak);
    }

    private PeakModel CreatePeakModel()
    {
        var types = _training.Types.With(_request.Rewrite.Dimensions);
        return new PeakModel(_training, _items, value => types.BytesOf(value) ?? 0);
    }

    private int[] Lightest() => [.. _items.Select(item => item.Options.IndexOfLeast(option => option.Bytes))];

    private BitPlan Describe(int[] chosen, PlanVerdict verdict, string explanation, long? peak)
    {
        var options = chosen.Select((option, item) => _items[item].Options[option]).ToList();
        var hasProfile = _sensitivities.SquaredNorm > 0;
        return new BitPlan
        {
            Model = _fingerprint,
            Dimensions = _request.Rewrite.Dimensions,
            Budget = _request.Budget,
            Verdict = verdict,
            Explanation = explanation,
            SavedBytes = _savedBytes,
            StoredBytes = _fixedBytes + options.Sum(option => option.Bytes),
            PeakBytes = peak,
            RelativeVariance = hasProfile ? options.Sum(option => option.Variance) / _sensitivities.SquaredNorm : null,
            Tensors = [.. options.Select((option, item) => new PlannedTensor
            {
                Name = _items[item].Tensor.Value.Name,
                Decision = option.Format is null ? StorageDecision.Exact : StorageDecision.Quantize,
                Levels = option.Format is { } format ? CodeWidths.Levels(format.Width) : 0,
                Bytes = _items[item].Bytes,
                StoredBytes = option.Bytes,
                Variance = hasProfile ? option.Variance : null,
                Reason = ReasonFor(_items[item], option),
            })],
        };
    }

    private string ReasonFor(PlanItem item, PlanOption option)
    {
        if (_sensitivities.SquaredNorm <= 0) return "no profile: by its size alone";
        var share = option.Variance / _sensitivities.SquaredNorm;
        var from = _sensitivities.Of(item.Tensor) switch
        {
            { IsMeasured: true } => "measured",
            { } => "predicted",
            null => "not profiled, guessed",
        };
        return option.Format is null
            ? "exact: the budget allows it"
            : string.Create(CultureInfo.InvariantCulture, $"adds {share:E1} of the squared gradient norm ({from})");
    }
}
