using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// Lets tensors be computed again from tensors that are packed anyway: what normalizations, residual sums, Relu, Clip
/// and Dropout made of them, and views; <see cref="RestorationFinder"/> says what can be.
/// </summary>
/// <remarks>
/// 1. A tensor that is the beginning of a longer concatenation (DenseNet) is read from that one's codes, if both are
/// packed.
/// 2. Readers of a rebuilt value are linear in it, or normalizations: it has the noise of all its sources. One that
/// bends it gets it where the source has at least the width that the tensor itself would have, and nothing but views
/// lie between. A layer normalization's gradient, in which an error's square does not average out, reads codes of its
/// input, whose variance is known: that input is rebuilt for products alone.
/// 3. It has few sources (options): each costs a pass over the tensor.
/// 4. The sources get smaller groups (options), but where a plan says how large they are.
/// 5. What a plan names is rebuilt only where the plan says so; the sources' codes have the plan's levels.
/// 6. Signs and other masks stay what they are, exact; where signs were to be read from codes, a mask takes their
/// place.
/// 7. Between a layer normalization and its rebuilt input stands a carrier of the shape: ONNX Runtime would fuse a sum
/// into the normalization, which then hands out no statistics.
/// 8. Where a product has a small factor (a gate for each channel), that one stays exact, and the product, which would
/// need a code as large as the other factor's, is computed again.
/// </remarks>
internal sealed class RebuildPolicy(RewriteOptions options)
{
    private static readonly OperatorId Mul = OperatorId.Onnx("Mul");

    private readonly GraphItemMap<Value, TensorPlan> _plans = new();
    private readonly GraphItemSet<Value> _sources = new();
    private readonly HashSet<string> _planned =
        options.Plan?.Tensors.Where(tensor => tensor.Decision != StorageDecision.Rebuild)
        .Select(tensor => tensor.Name).ToHashSet() ?? [];
    private readonly HashSet<string> _grouped = options.Plan?.Tensors.Where(tensor => tensor.GroupSize > 0)
        .Select(tensor => tensor.Name).ToHashSet() ?? [];

    /// <summary>What must not be lowered before the plan is applied.</summary>
    public static IEnumerable<OperatorId> Normalizations => NormalizationTraits.Operators;

    /// <summary>The same plans in the same order, some of them changed.</summary>
    public IReadOnlyList<TensorPlan> Decide(IReadOnlyList<TensorPlan> plans)
    {
        if (options.Rebuild == RebuildScope.None) return plans;
        foreach (var plan in plans) _plans[plan.Tensor.Value] = plan;
        var beginnings = ConcatenationBeginnings.Find(plans.Where(IsOpen)); // Rule 1.
        var kept = beginnings.Values.Select(beginning => beginning.Source).ToHashSet();
        var finder = new RestorationFinder(options, _plans);
        foreach (var plan in plans.Where(plan => IsOpen(plan) && !kept.Contains(plan.Tensor.Value)))
        {
            var restoration = beginnings.GetValueOrDefault(plan.Tensor.Value) ?? finder.Find(plan.Tensor.Value);
            if (restoration is not null)
                TryRebuild(plan, restoration);
            else
                RebuildWithExactFactor(plan, finder); // Rule 8.
        }
        return [
            .. plans.Select(plan => _plans[plan.Tensor.Value])
            .Select(plan => _sources.Contains(plan.Tensor.Value) ? AsSource(plan) : plan)];
    }

    private bool IsOpen(TensorPlan plan) =>
        !_planned.Contains(plan.Tensor.Value.Name) // Rule 5.
        && plan is { Decision: StorageDecision.Quantize, HasCodesOfValues: true }
        && plan.Tensor.Consumers.Any(consumer => consumer.Class == StorageClass.Q);

    private bool TryRebuild(TensorPlan plan, Restoration restoration)
    {
        var sources = restoration.Sources;
        if (!Serves(plan, restoration, sources)) return false;
        _plans[plan.Tensor.Value] = Rebuilt(plan, restoration);
        _sources.UnionWith(sources);
        return true;
    }

    private bool Serves(TensorPlan plan, Restoration restoration, IReadOnlyList<Value> sources)
    {
        // Rule 3.
        if (sources.Count > options.LongestRebuild) return false;
        // Rule 2.
        var bends = plan.Reads.Any(
            read => read.Store.Derivative is null && read.Consumer.Need is (Need.Nonlinear or Need.Exponential));
        if (bends && !IsCopyOfSameWidth(plan, restoration)) return false;
        return restoration is FirstChannels || options.Rebuild == RebuildScope.Product || !IsInputOfRows(plan.Tensor);
    }

    /// <summary>Rule 8.</summary>
    private void RebuildWithExactFactor(TensorPlan plan, RestorationFinder finder)
    {
        if (plan.Tensor.Value.Producer is { } product && product.Operator == Mul)
            RebuildWithExactFactor(plan, product, finder);
    }

    private void RebuildWithExactFactor(TensorPlan plan, Node product, RestorationFinder finder)
    {
        var factors = product.Inputs.OfType<Value>().Select(_plans.GetValueOrDefault).OfType<TensorPlan>()
            .Where(factor => IsOpen(factor) && finder.IsSmallBeside(factor.Tensor.Value, plan.Tensor.Value));
        if (factors.FirstOrDefault() is not { } small || _sources.Contains(small.Tensor.Value)) return;
        _plans[small.Tensor.Value] = Exact(small);
        if (finder.Find(plan.Tensor.Value) is not { } restoration || !TryRebuild(plan, restoration))
            _plans[small.Tensor.Value] = small;
    }

    private static TensorPlan Exact(TensorPlan plan)
    {
        var exact = Store.Exact();
        return new TensorPlan(
            plan.Tensor,
            [.. plan.Tensor.Consumers.Select(consumer => new ConsumerPlan(consumer, exact, ReadForm.Tensor))],
            "small, and a product is computed again with it");
    }

    private bool IsCopyOfSameWidth(TensorPlan plan, Restoration restoration) => restoration switch
    {
        UnpackedTensor unpacked => Levels(_plans[unpacked.Value]) >= Levels(plan),
        FirstChannels first => Levels(_plans[first.Source]) >= Levels(plan),
        ReplayedNode replayed => Replay.Find(replayed.Value.Producer!.Operator)?.Kind == ReplayKind.View
            && replayed.Inputs.OfType<Restoration>().All(input => IsCopyOfSameWidth(plan, input)),
        _ => false,
    };

    private static int Levels(TensorPlan plan) => plan.Format is { } format ? CodeWidths.Levels(format.Width) : 0;

    private static TensorPlan Rebuilt(TensorPlan plan, Restoration restoration)
    {
        var tensor = plan.Tensor;
        var masks = new List<Store>(1);
        foreach (var store in plan.Stores)
        {
            if (store.Decision == StorageDecision.Mask) masks.Add(store);
        }
        if (restoration is NormalizedTensor { HasMask: true } or RectifiedTensor) Sign();
        var rebuilt = Store.Rebuild(restoration);
        var reads = new ConsumerPlan?[plan.Reads.Count];
        for (var at = 0; at < reads.Length; at++)
        {
            var read = plan.Reads[at];
            reads[at] = read switch
            {
                { Consumer.Class: StorageClass.H } => null,
                { Store.Decision: StorageDecision.Mask } or { Store.Derivative: not null } => read,
                { Consumer.Class: StorageClass.M } => read with { Store = Sign(), Form = ReadForm.Direct },
                _ => read with { Store = rebuilt, Form = ReadForm.Rebuilt },
            };
        }
        var shape = masks.FirstOrDefault() ?? Store.Shape();
        if (IsInputOfRows(tensor)) masks.Add(shape); // Rule 7.
        for (var at = 0; at < reads.Length; at++)
            reads[at] ??= plan.Reads[at] with { Store = shape, Form = ReadForm.Dimensions };
        return new TensorPlan(tensor, reads!, rebuilt.ToString(), masks);

        // Rule 6.
        Store Sign()
        {
            foreach (var mask in masks)
            {
                if (mask.Bits == MaskBits.Positive) return mask;
            }
            var sign = Store.Mask(MaskBits.Positive);
            masks.Add(sign);
            return sign;
        }
    }

    private static bool IsInputOfRows(SavedTensor tensor) => tensor.Consumers.Any(consumer =>
        consumer.Need == Need.Normalization
            && NormalizationTraits.OfGradient(consumer.Use.Node.Operator) is { IsOfChannels: false });

    /// <summary>Rule 4.</summary>
    private TensorPlan AsSource(TensorPlan plan)
    {
        if (plan.Format is not { Grid: CodeGrid.Uniform } format || format.GroupSize <= options.RebuildGroupSize)
            return plan;
        if (_grouped.Contains(plan.Tensor.Value.Name)) return plan;
        var finer = Store.Quantize(
            format with { GroupSize = options.RebuildGroupSize, Metadata = options.RebuildMetadata });
        var reads = plan.Reads.ToArray();
        for (var at = 0; at < reads.Length; at++)
        {
            if (reads[at].Store.Format is not null) reads[at] = reads[at] with { Store = finer };
        }
        // A store of the others that is read as well stands there once.
        return new TensorPlan(
            plan.Tensor, reads, plan.Reason + ", in small groups, because others are computed from it",
            [.. plan.Stores.Where(static store => store.Format is null)]);
    }
}
