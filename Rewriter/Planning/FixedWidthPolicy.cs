using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Operators;
using OnnxActNN.Rewriter.Plans;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// For each saved tensor the cheapest stores that serve all its consumers, with one code width for every tensor that
/// stands it; the rest stays exact and says why.
/// </summary>
internal sealed class FixedWidthPolicy(RewriteOptions options)
{
    private readonly ExactReasons _reasons = new(options);
    private readonly Dictionary<string, PlannedTensor> _planned =
        options.Plan?.Tensors.ToDictionary(tensor => tensor.Name) ?? [];

    public IReadOnlyList<TensorPlan> Decide(IReadOnlyList<SavedTensor> tensors)
    {
        var plans = tensors.Select(Decide).ToList();
        var kept = plans.Where(plan => plan.Decision == StorageDecision.Exact).Select(plan => plan.Tensor.Buffer)
            .ToHashSet();
        return [.. plans.Select(plan => plan.Decision > StorageDecision.Shape && plan.Decision != StorageDecision.Exact
            && kept.Contains(plan.Tensor.Buffer)
            ? Exact(plan.Tensor, "shares its buffer with a tensor that stays exact")
            : plan)];
    }

    private TensorPlan Decide(SavedTensor tensor)
    {
        if (_reasons.Find(tensor) is { } reason) return Exact(tensor, reason);
        var planned = _planned.GetValueOrDefault(tensor.Value.Name);
        if (planned is { Decision: StorageDecision.Exact }) return Exact(tensor, "the plan keeps it");
        var sizes = TensorSize.Nominal(tensor.Type, options.Dimensions)!;
        var type = tensor.Type!.ElementType;
        var formats = new TensorFormats(tensor, planned, options);
        var (reads, bytes) = ((IReadOnlyList<ConsumerPlan>)[], long.MaxValue);
        foreach (var choice in Candidates(tensor, formats))
        {
            var candidate = choice.Read();
            long stored = 0;
            foreach (var store in TensorPlan.StoresOf(candidate)) stored += store.BytesOf(type, sizes);
            if (stored < bytes) (reads, bytes) = (candidate, stored);
        }
        // No more than half, by the rule for packed tensors, whose small headers a tiny tensor cannot carry.
        return bytes < Store.Exact().BytesOf(type, sizes) / 2
            || reads.All(read => read.Store.Decision == StorageDecision.Shape)
            ? Plan(tensor, formats, reads)
            : Exact(tensor, "packed it would take half its size or more");
    }

    /// <summary>
    /// Codes that tell zeros apart serve readers of a Relu's values and of its sign; else each reader of bits gets a
    /// mask. Gradients of activations read codes of the derivative, or share the values' codes with other readers where
    /// these are wide enough.
    /// </summary>
    private List<StoreChoice> Candidates(SavedTensor tensor, TensorFormats formats)
    {
        var choices = new List<StoreChoice>(1);
        var needsCodes = tensor.Consumers.Any(consumer => consumer is { Need: Need.Sign, Direct: null });
        if (options.DerivativeCodes && tensor.Consumers.Any(consumer => consumer.Direct?.Derivative is not null))
        {
            choices.Add(new StoreChoice(tensor, formats, signFromCodes: needsCodes, withDerivatives: true));
            if (formats.WidthOfValues(formats.Bends) != CodeWidth.EightBits && !options.AllowBiased) return choices;
        }
        var readsValues = tensor.Consumers.Any(consumer => consumer.Class == StorageClass.Q);
        if (!needsCodes) choices.Add(new StoreChoice(tensor, formats, signFromCodes: false));
        if (tensor.IsReluOutput && (readsValues && options.ZeroExact || needsCodes))
            choices.Add(new StoreChoice(tensor, formats, signFromCodes: true));
        return choices;
    }

    private static TensorPlan Plan(SavedTensor tensor, TensorFormats formats, IReadOnlyList<ConsumerPlan> reads)
    {
        var reason = string.Join("; ", TensorPlan.StoresOf(reads));
        var nonlinear = reads.FirstOrDefault(
            static read => read.Form == ReadForm.Values && read.Consumer.Need == Need.Nonlinear);
        var hasCodes = reads.Any(static read => read.Store.Format is not null);
        if (nonlinear is null && !(hasCodes && formats.Rules.Count > 0)) return new TensorPlan(tensor, reads, reason);
        List<string> why = hasCodes ? [.. formats.Rules.Select(rule => rule.Reason)] : [];
        if (nonlinear is not null) why.Add($"{nonlinear.Consumer.Use} is not linear in it");
        return new TensorPlan(tensor, reads, $"{reason}: {string.Join("; ", why)}");
    }

    /// <summary>
    /// Readers of the shape still get a store of their own, lest they keep the tensor when its last reader is done.
    /// </summary>
    private TensorPlan Exact(SavedTensor tensor, string reason)
    {
        var exact = Store.Exact();
        var shape = _reasons.LetsShapeGo(tensor) ? Store.Shape() : exact;
        var reads = new ConsumerPlan[tensor.Consumers.Count];
        for (var at = 0; at < reads.Length; at++)
        {
            var consumer = tensor.Consumers[at];
            reads[at] = consumer.Class == StorageClass.H && shape != exact
                ? new ConsumerPlan(consumer, shape, ReadForm.Dimensions)
                : new ConsumerPlan(consumer, exact, ReadForm.Tensor);
        }
        return new TensorPlan(tensor, reads, reason);
    }
}
