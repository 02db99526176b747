using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
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
        if (_planned.GetValueOrDefault(tensor.Value.Name) is { Decision: StorageDecision.Exact })
            return Exact(tensor, "the plan keeps it");
        var sizes = TensorSize.Nominal(tensor.Type, options.Dimensions)!;
        var type = tensor.Type!.ElementType;
        var (reads, bytes) = Candidates(tensor)
            .Select(reads => (reads, TensorPlan.StoresOf(reads).Sum(store => store.BytesOf(type, sizes))))
            .MinBy(candidate => candidate.Item2);
        // No more than half, by the rule for packed tensors, whose small headers a tiny tensor cannot carry.
        return bytes < Store.Exact().BytesOf(type, sizes) / 2
            || reads.All(read => read.Store.Decision == StorageDecision.Shape)
            ? Plan(tensor, reads)
            : Exact(tensor, "packed it would take half its size or more");
    }

    /// <summary>
    /// Codes that tell zeros apart serve readers of a Relu's values and of its sign; else each reader of bits gets a
    /// mask. Gradients of activations read codes of the derivative, or share the values' codes with other readers where
    /// these are wide enough.
    /// </summary>
    private IEnumerable<IReadOnlyList<ConsumerPlan>> Candidates(SavedTensor tensor)
    {
        var needsCodes = tensor.Consumers.Any(consumer => consumer is { Need: Need.Sign, Direct: null });
        if (options.DerivativeCodes && tensor.Consumers.Any(consumer => consumer.Direct?.Derivative is not null))
        {
            yield return Choose(tensor, signFromCodes: needsCodes, withDerivatives: true);
            if (WidthOfValues(tensor, IsNonlinear) != CodeWidth.EightBits && !options.AllowBiased) yield break;
        }
        var readsValues = tensor.Consumers.Any(consumer => consumer.Class == StorageClass.Q);
        if (!needsCodes) yield return Choose(tensor, signFromCodes: false);
        if (tensor.IsReluOutput && (readsValues && options.ZeroExact || needsCodes))
            yield return Choose(tensor, signFromCodes: true);
    }

    private IReadOnlyList<ConsumerPlan> Choose(SavedTensor tensor, bool signFromCodes, bool withDerivatives = false)
    {
        bool ReadsValues(SavedTensorConsumer consumer) =>
            consumer.Class == StorageClass.Q && !(withDerivatives && consumer.Direct?.Derivative is not null);
        // Zeros stay exact also where nobody asks for the sign; see ReluOutputs.
        var readsMaskOfSign = !signFromCodes && tensor.Consumers.Any(consumer => consumer.Need == Need.Sign);
        var (codes, exponential, index) = ((Store?)null, (Store?)null, (Store?)null);
        var (derivatives, masks) = (new List<Store>(), new List<Store>());
        return Read(tensor, consumer => consumer switch
        {
            { Direct.Window: { } window } => (index ??= Store.Index(window), ReadForm.Direct),
            { Need: Need.Exponential } => (exponential ??= Exponential(), ReadForm.Direct),
            _ when ReadsValues(consumer) => (codes ??= Codes(), ReadForm.Values),
            { Direct: { Derivative: { } derivative } direct } => (CodesOf(derivative, direct.Bias), ReadForm.Direct),
            { Need: Need.Sign } when signFromCodes =>
                (codes ??= Codes(), ReadsCodes(consumer.Direct) ? ReadForm.Direct : ReadForm.Nonzero),
            { Direct.Bits: { } bits } => (MaskOf(bits), ReadForm.Direct),
            _ => (MaskOf(MaskBits.Nonzero), ReadForm.Bools),
        });

        Store Codes() => Store.Quantize(FormatFor(
            tensor, WidthOfValues(tensor, consumer => IsNonlinear(consumer) && ReadsValues(consumer)),
            zeroExact: tensor.IsReluOutput && (options.ZeroExact && !readsMaskOfSign || signFromCodes)));

        Store Exponential() => Store.QuantizeExponential(
            FormatFor(tensor, WidthOfValues(tensor, IsNonlinear), zeroExact: false));

        Store CodesOf(DerivativeOf derivative, Value? bias) => Known(
            derivatives,
            Store.OfDerivative(FormatFor(tensor, derivative, isAlone: !tensor.Consumers.Any(ReadsValues)), bias),
            (one, other) => one.Derivative == other.Derivative && one.Bias == other.Bias);

        Store MaskOf(MaskBits bits) => Known(masks, Store.Mask(bits), (one, other) => one.Bits == other.Bits);

        static Store Known(List<Store> stores, Store store, Func<Store, Store, bool> isSame)
        {
            if (stores.Find(other => isSame(store, other)) is { } known) return known;
            stores.Add(store);
            return store;
        }
    }

    /// <summary>Whether the formula can be computed from codes as well as from a mask.</summary>
    private static bool ReadsCodes(DirectRead? direct) =>
        direct is { Alpha: 0 } && direct.Operator == PackOperators.ReluGradFromMask;

    /// <summary>Readers of the shape take what another store has along, else a store of their own.</summary>
    private static IReadOnlyList<ConsumerPlan> Read(
        SavedTensor tensor, Func<SavedTensorConsumer, (Store Store, ReadForm Form)> storeOf)
    {
        var reads = tensor.Consumers.Select(
            consumer => consumer.Class == StorageClass.H ? ((Store Store, ReadForm Form)?)null : storeOf(consumer))
                .ToList();
        var dimensions = reads.Find(read => read is { } known && HasDimensions(known.Store))?.Store ?? Store.Shape();
        return [.. tensor.Consumers.Zip(reads, (consumer, read) => read is var (store, form)
            ? new ConsumerPlan(consumer, store, form)
            : new ConsumerPlan(consumer, dimensions, ReadForm.Dimensions))];
    }

    private TensorPlan Plan(SavedTensor tensor, IReadOnlyList<ConsumerPlan> reads)
    {
        var nonlinear = reads.FirstOrDefault(read => read.Form == ReadForm.Values && IsNonlinear(read.Consumer));
        string[] reasons =
        [
            .. reads.Any(read => read.Store.Format is not null) ? RulesOf(tensor).Select(rule => rule.Reason) : [],
            .. nonlinear is null ? (string[])[] : [$"{nonlinear.Consumer.Use} is not linear in it"],
        ];
        var why = reasons.Length == 0 ? "" : $": {string.Join("; ", reasons)}";
        return new TensorPlan(tensor, reads, string.Join("; ", TensorPlan.StoresOf(reads)) + why);
    }

    /// <summary>The shape that goes with an index is the pool's input's, not the index's own.</summary>
    private static bool HasDimensions(Store store) =>
        store.Decision is StorageDecision.Quantize or StorageDecision.Mask;

    /// <summary>
    /// Readers of the shape still get a store of their own, lest they keep the tensor when its last reader is done.
    /// </summary>
    private TensorPlan Exact(SavedTensor tensor, string reason)
    {
        var exact = Store.Exact();
        var shape = _reasons.LetsShapeGo(tensor) ? Store.Shape() : exact;
        return new TensorPlan(
            tensor,
            [.. tensor.Consumers.Select(consumer => consumer.Class == StorageClass.H && shape != exact
                ? new ConsumerPlan(consumer, shape, ReadForm.Dimensions)
                : new ConsumerPlan(consumer, exact, ReadForm.Tensor))],
            reason);
    }

    private PackFormat FormatFor(SavedTensor tensor, CodeWidth width, bool zeroExact)
    {
        var rank = tensor.Type!.Shape!.Rank;
        var planned = _planned.GetValueOrDefault(tensor.Value.Name)?.GroupSize ?? 0;
        return CodeRules.Apply(RulesOf(tensor), PackFormat.For(rank, width, zeroExact) with
        {
            GroupAxis = GroupAxis.Of(tensor.Value, rank),
            GroupSize = planned > 0 ? planned : options.GroupSize,
            Layout = options.Layout,
            Metadata = planned > 0 ? MetadataFormat.EightBits : options.Metadata,
            Rounding = options.Rounding,
            Shares = PlannedShares(tensor),
            Order = _planned.GetValueOrDefault(tensor.Value.Name)?.WidthOrder ?? WidthOrder.Range,
        });
    }

    private IReadOnlyList<CodeRule> RulesOf(SavedTensor tensor) => options.ProbabilityCodes ? CodeRules.Of(tensor) : [];

    /// <summary>A plan speaks of the values' code where there is one.</summary>
    private DerivativeFormat FormatFor(SavedTensor tensor, DerivativeOf derivative, bool isAlone)
    {
        var width = (isAlone ? PlannedWidth(tensor) : null) ?? options.DerivativeWidth ?? options.Width;
        return new DerivativeFormat(derivative.Function, width, options.Rounding) { Alpha = derivative.Alpha };
    }

    private CodeWidth WidthOfValues(SavedTensor tensor, Func<SavedTensorConsumer, bool> bends) =>
        PlannedWidth(tensor)
        ?? RulesOf(tensor).Where(_ => options.LeastWidths).Select(rule => rule.Least)
            .Append(tensor.Consumers.Any(bends) && !options.AllowBiased ? CodeWidth.EightBits : options.Width)
                .MaxBy(CodeWidths.Levels);

    private CodeWidth? PlannedWidth(SavedTensor tensor) =>
        _planned.GetValueOrDefault(tensor.Value.Name) is { Levels: > 0 } planned
            ? CodeWidths.FromLevels(planned.Levels)
            : null;

    private WidthShares PlannedShares(SavedTensor tensor) =>
        _planned.GetValueOrDefault(tensor.Value.Name) is { WidthShares: { } shares }
            ? WidthShares.FromList([.. shares.Select(share => (long)share)])
            : default;

    private static bool IsNonlinear(SavedTensorConsumer consumer) => consumer.Need == Need.Nonlinear;
}
