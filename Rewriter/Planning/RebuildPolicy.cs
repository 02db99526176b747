using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// Lets tensors be computed again that batch normalization, a residual sum and Relu made of tensors that are packed anyway.
/// </summary>
/// <remarks>
/// 1. A packed tensor that is Relu of a normalized tensor, of a sum with one, or such a value without Relu, is rebuilt where the
/// normalization's input is packed and the other summand can be restored. Its sign is kept as a mask, exact.
/// 2. Readers of the rebuilt value are linear in it, or normalizations: it has the noise of all its sources.
/// 3. It has few sources (options): each costs a pass over the tensor.
/// 4. The sources get smaller groups (options).
/// 5. What a plan names is rebuilt only where the plan says so; the sources' codes have the plan's levels.
/// </remarks>
internal sealed class RebuildPolicy(RewriteOptions options)
{
    private static readonly OperatorId Normalization = new(OperatorId.Microsoft, "BatchNormInternal");
    private static readonly OperatorId NormalizationGradient = new(OperatorId.Microsoft, "BatchNormalizationGrad");
    private static readonly OperatorId Relu = OperatorId.Onnx("Relu");
    private static readonly OperatorId Add = OperatorId.Onnx("Add");
    private const int SavedMean = 3;
    private const int SavedInverseDeviation = 4;

    private readonly Dictionary<Value, TensorPlan> _plans = [];
    private readonly HashSet<string> _planned = options.Plan?.Tensors.Where(tensor => tensor.Decision != StorageDecision.Rebuild)
        .Select(tensor => tensor.Name).ToHashSet() ?? [];

    /// <summary>What must not be lowered before the plan is applied.</summary>
    public static IEnumerable<OperatorId> Normalizations => [Normalization, NormalizationGradient];

    /// <summary>The same plans in the same order, some of them changed.</summary>
    public IReadOnlyList<TensorPlan> Decide(IReadOnlyList<TensorPlan> plans)
    {
        if (options.Rebuild == RebuildScope.None) return plans;
        foreach (var plan in plans) _plans[plan.Tensor.Value] = plan;
        foreach (var plan in plans) _plans[plan.Tensor.Value] = Decide(plan);
        var sources = _plans.Values.SelectMany(plan => plan.Restoration?.Sources ?? []).ToHashSet();
        return [.. plans.Select(plan => _plans[plan.Tensor.Value]).Select(plan => sources.Contains(plan.Tensor.Value) ? AsSource(plan) : plan)];
    }

    private TensorPlan Decide(TensorPlan plan)
    {
        var tensor = plan.Tensor;
        if (_planned.Contains(tensor.Value.Name)) return plan; // Rule 5.
        if (plan.Decision != StorageDecision.Quantize || tensor.Type?.ElementType != DataType.Float) return plan;
        // Rule 2.
        if (!tensor.Consumers.Any(consumer => consumer.Class == StorageClass.Q)) return plan;
        if (tensor.Consumers.Any(consumer => consumer.Need == Need.Nonlinear)) return plan;
        if (tensor.Consumers.Any(consumer => consumer.Class == StorageClass.M && consumer.Direct?.Bits != MaskBits.Positive)) return plan;
        if (Restore(tensor.Value) is not { } restoration) return plan;
        return restoration.Sources.Count() > options.LongestRebuild ? plan : Rebuild(tensor, restoration); // Rule 3.
    }

    private static TensorPlan Rebuild(SavedTensor tensor, NormalizedTensor restoration)
    {
        var needsMask = restoration.HasMask || tensor.Consumers.Any(consumer => consumer.Class == StorageClass.M);
        var mask = needsMask ? Store.Mask(MaskBits.Positive) : null;
        var (rebuilt, shape) = (Store.Rebuild(restoration), mask ?? Store.Shape());
        var reads = tensor.Consumers.Select(consumer => consumer.Class switch
        {
            StorageClass.H => new ConsumerPlan(consumer, shape, ReadForm.Dimensions),
            StorageClass.M => new ConsumerPlan(consumer, mask!, ReadForm.Direct),
            _ => new ConsumerPlan(consumer, rebuilt, ReadForm.Rebuilt),
        }).ToList();
        return new TensorPlan(tensor, reads, $"{restoration}", mask is null ? [] : [mask]);
    }

    /// <summary>Rule 1.</summary>
    private NormalizedTensor? Restore(Value value)
    {
        var hasMask = value.Producer?.Operator == Relu;
        var inner = hasMask ? value.Producer!.Input(0)! : value;
        if (NormalizationOf(inner) is { } direct) return new NormalizedTensor(value, direct.Input(0)!, direct, hasMask, null);
        if (options.Rebuild != RebuildScope.Chain || inner.Producer is not { } sum || sum.Operator != Add) return null;
        if (sum.Inputs is not [{ } left, { } right]) return null;
        return RestoreSum(value, hasMask, left, right) ?? RestoreSum(value, hasMask, right, left);
    }

    private NormalizedTensor? RestoreSum(Value value, bool hasMask, Value normalized, Value addend)
    {
        if (NormalizationOf(normalized) is not { } normalization || RestoreAddend(addend) is not { } restored) return null;
        var source = normalization.Input(0)!;
        var isSameShape = _plans[source].Tensor.Type!.Equals(_plans[restored.Sources.First()].Tensor.Type);
        return isSameShape ? new NormalizedTensor(value, source, normalization, hasMask, restored) : null;
    }

    private Restoration? RestoreAddend(Value value)
    {
        if (NormalizationOf(value) is { } normalization)
            return new NormalizedTensor(value, normalization.Input(0)!, normalization, HasMask: false, null);
        return _plans.GetValueOrDefault(value) switch
        {
            { Decision: StorageDecision.Rebuild } plan => plan.Restoration,
            { Format: not null, Tensor.Type.ElementType: DataType.Float } => new UnpackedTensor(value),
            _ => null,
        };
    }

    /// <summary>The batch normalization that made the value, if its input is packed and its statistics are kept.</summary>
    private Node? NormalizationOf(Value value)
    {
        if (value.Producer is not { } producer || producer.Operator != Normalization || value.OutputIndex != 0) return null;
        if (producer.Output(SavedMean) is null || producer.Output(SavedInverseDeviation) is null) return null;
        if (producer.Input(1) is not { Producer: null } || producer.Input(2) is not { Producer: null }) return null;
        return _plans.TryGetValue(producer.Input(0)!, out var plan)
            && plan is { Format: not null, Tensor.Type.ElementType: DataType.Float }
            ? producer
            : null;
    }

    /// <summary>Rule 4.</summary>
    private TensorPlan AsSource(TensorPlan plan)
    {
        if (plan.Format is not { } format || format.GroupSize <= options.RebuildGroupSize) return plan;
        var finer = Store.Quantize(format with { GroupSize = options.RebuildGroupSize, Metadata = options.RebuildMetadata });
        return new TensorPlan(
            plan.Tensor,
            [.. plan.Reads.Select(read => read.Store.Format is null ? read : read with { Store = finer })],
            plan.Reason + ", in small groups, because others are computed from it");
    }
}
