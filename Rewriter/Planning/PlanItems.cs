using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Plans;
using OnnxActNN.Rewriter.Sensitivity;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>What there is to choose from for each tensor: exact, and every width that its readers stand.</summary>
/// <remarks>
/// A tensor that shares its buffer with another saved tensor is not offered exact: it would keep the whole buffer, whatever the other
/// got. A nonlinear reader's tensor has widths below 8 bits only where its bias was measured and so enters the cost.
/// </remarks>
internal sealed class PlanItems
{
    /// <summary>Where the profile has nothing of a tensor: as if its gradient were of this size, the same for all.</summary>
    private const double NoProfile = 1;

    private readonly PlanRequest _request;
    private readonly RewriteOptions _options;

    public PlanItems(PlanRequest request, TrainingGraph training, Func<SavedTensor, TensorSensitivity?> sensitivityOf)
    {
        _request = request;
        _options = request.Rewrite with { Plan = null };
        var byWidth = CodeWidths.All.Select(width => DecideAt(training, width, allowBiased: false)).ToList();
        var biased = CodeWidths.All.Select(width => DecideAt(training, width, allowBiased: true)).ToList();
        var sharing = training.Saved.CountBy(tensor => tensor.Buffer).ToDictionary();
        var items = new List<PlanItem>();
        for (var index = 0; index < training.Saved.Count; index++)
        {
            var tensor = training.Saved[index];
            var sensitivity = sensitivityOf(tensor);
            var plans = (sensitivity is { IsMeasured: true } ? biased : byWidth).Select(plan => plan[index]);
            var coded = plans.Where(plan => plan.Format is not null).DistinctBy(plan => plan.Format).ToList();
            if (coded.Count == 0) continue;
            items.Add(Describe(tensor, coded, sensitivity, canBeExact: sharing[tensor.Buffer] == 1));
        }
        Items = items;
    }

    public IReadOnlyList<PlanItem> Items { get; }

    private IReadOnlyList<TensorPlan> DecideAt(TrainingGraph training, CodeWidth width, bool allowBiased) =>
        new FixedWidthPolicy(_options with { Width = width, AllowBiased = allowBiased || _options.AllowBiased }).Decide(training.Saved);

    private PlanItem Describe(SavedTensor tensor, IReadOnlyList<TensorPlan> plans, TensorSensitivity? sensitivity, bool canBeExact)
    {
        var sizes = TensorSize.Nominal(tensor.Type, _options.Dimensions)!;
        var elements = sizes.Aggregate(1.0, (product, size) => product * size);
        var known = sensitivity ?? new TensorSensitivity(NoProfile * elements, NoProfile * elements);
        var type = tensor.Type!.ElementType;
        var options = plans.Select(plan => new PlanOption(
            plan.Format, plan.Stores.Sum(store => store.BytesOf(type, sizes)), known.VarianceAt(plan.Format!), known.CostAt(plan.Format!),
            elements * CodeWidths.StoredBits(plan.Format!.Width) / 8)).ToList();
        var bytes = (long)(elements * type.BitsOf() / 8);
        if (canBeExact) options.Add(new PlanOption(null, bytes, 0, 0, bytes));
        return new PlanItem(tensor, elements, bytes, options);
    }
}
