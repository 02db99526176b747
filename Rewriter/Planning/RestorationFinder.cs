using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>Finds how values can be computed again from what is packed by plans that stand so far.</summary>
/// <remarks>
/// 1. A normalization's result from the codes of its input and the kept statistics; behind one of channels also Relu,
/// Clip to a range whose mask is kept, and a sum with a tensor that can be restored (<see cref="RebuildScope.Chain"/>),
/// all in one operator.
/// 2. A result of Dropout from its packed mask and what it drops from.
/// 3. A node of the table <see cref="Replay"/> whose inputs can be restored or are kept anyway: parameters, constants,
/// small integers, and exact tensors that are small beside the value (deviations, gates of channels). Sums need
/// <see cref="RebuildScope.Chain"/>, products <see cref="RebuildScope.Product"/>.
/// 4. A result of LeakyRelu, or of any other Relu, from its sign and what it reads.
/// 5. Where products are allowed, a normalization's result also from an input that is itself computed again.
/// </remarks>
/// <param name="options">What may be computed again, and sizes.</param>
/// <param name="plans">The plans, by tensor; they may change while values later in the graph are looked at.</param>
internal sealed class RestorationFinder(RewriteOptions options, GraphItemMap<Value, TensorPlan> plans)
{
    /// <summary>An exact element for that many of the value: a bit for each of them at most.</summary>
    private const long SmallShare = 32;

    /// <summary>Nodes one behind the other.</summary>
    private const int LongestPath = 24;

    private static readonly OperatorId Relu = OperatorId.Onnx("Relu");
    private static readonly OperatorId LeakyRelu = OperatorId.Onnx("LeakyRelu");
    private static readonly OperatorId Add = OperatorId.Onnx("Add");
    private static readonly OperatorId Clip = OperatorId.Onnx("Clip");
    private static readonly OperatorId Dropout = OperatorId.Onnx("Dropout");

    private Value? _wanted;

    /// <summary>How the value of a plan can be computed from others; null where it cannot.</summary>
    public Restoration? Find(Value value)
    {
        _wanted = value;
        return Find(value, LongestPath);
    }

    /// <summary>Whether one saved tensor is small beside another, so that it may as well be exact.</summary>
    public bool IsSmallBeside(Value factor, Value value) =>
        ElementsOf(factor) is { } few && ElementsOf(value) is { } many && few * SmallShare <= many;

    private Restoration? Find(Value value, int path)
    {
        if (path == 0 || value.Producer is not { } producer || producer.Subgraphs.Any()) return null;
        return BehindChannels(value) ?? OfNormalization(value, path) ?? OfDropout(value, path)
            ?? (Restoration?)OfRectifier(value, path) ?? OfReplay(value, path);
    }

    private Restoration? Restore(Value value, int path) => plans.GetValueOrDefault(value) switch
    {
        { Decision: StorageDecision.Rebuild } plan => plan.Restoration,
        { HasCodesOfValues: true } => new UnpackedTensor(value),
        _ => Find(value, path - 1),
    };

    /// <summary>Rule 1, of channels.</summary>
    private NormalizedTensor? BehindChannels(Value value)
    {
        var producer = value.Producer!;
        if (producer.Operator == Clip) return BehindClip(value, producer);
        var hasMask = producer.Operator == Relu;
        var inner = hasMask ? producer.Input(0)! : value;
        if (Normalized(inner, ofChannels: true) is { } direct) return direct with { Value = value, HasMask = hasMask };
        if (options.Rebuild < RebuildScope.Chain || inner.Producer is not { } sum || sum.Operator != Add) return null;
        if (sum.Inputs is not [{ } left, { } right]) return null;
        return BehindSum(value, hasMask, left, right) ?? BehindSum(value, hasMask, right, left);
    }

    private NormalizedTensor? BehindSum(Value value, bool hasMask, Value normalized, Value addend)
    {
        if (Normalized(normalized, ofChannels: true) is not { } found || RestoreAddend(addend) is not { } restored)
            return null;
        var isSameShape = TypeOf(found) is { } type && type.Equals(TypeOf(restored));
        return isSameShape ? found with { Value = value, HasMask = hasMask, Addend = restored } : null;
    }

    private Restoration? RestoreAddend(Value value) =>
        Normalized(value, ofChannels: true) ?? plans.GetValueOrDefault(value) switch
        {
            { Decision: StorageDecision.Rebuild } plan => plan.Restoration,
            { HasCodesOfValues: true } => new UnpackedTensor(value),
            _ => null,
        };

    /// <summary>The type of a value with that of a saved one: a normalization keeps its input's.</summary>
    private TensorType? TypeOf(Restoration restoration) =>
        restoration is NormalizedTensor normalized
            ? plans[normalized.Normalization.Input(0)!].Tensor.Type
            : plans[restoration.Value].Tensor.Type;

    private NormalizedTensor? BehindClip(Value value, Node clip)
    {
        if (clip.Input(0) is not { } inner || Normalized(inner, ofChannels: true) is not { } found
            || !plans.TryGetValue(inner, out var plan))
            return null;
        if (BoundOf(clip, 1, float.NegativeInfinity) is not { } lower
            || BoundOf(clip, 2, float.PositiveInfinity) is not { } upper)
            return null;
        var range = new MaskBits(MaskTest.Inside, lower, upper);
        if (!plan.HasMask(range)) return null;
        var (min, max) = (float.IsFinite(range.Min) ? range.Min : range.Max,
            float.IsFinite(range.Max) ? range.Max : range.Min);
        return float.IsFinite(min) && float.IsFinite(max)
            ? found with { Value = value, Clip = new ClipRange(inner, range, min, max) }
            : null;
    }

    private static float? BoundOf(Node clip, int input, float otherwise) =>
        clip.Input(input) is not { } bound
            ? otherwise
            : SignTest.NumbersOf(bound) is [var number] ? (float)number : null;

    /// <summary>Rules 1 and 5, of rows.</summary>
    private Restoration? OfNormalization(Value value, int path)
    {
        if (Normalized(value, ofChannels: false) is { } found) return found;
        if (options.Rebuild < RebuildScope.Product || RowOf(value) is not { IsOfChannels: false }) return null;
        return Restore(value.Producer!.Input(0)!, path) is { } inner
            ? new NormalizedAgain(value, inner, value.Producer!)
            : null;
    }

    /// <summary>A normalization's result, if its input is packed and its statistics are kept.</summary>
    private NormalizedTensor? Normalized(Value value, bool ofChannels)
    {
        if (RowOf(value) is not { } row || row.IsOfChannels != ofChannels) return null;
        var node = value.Producer!;
        var source = plans.GetValueOrDefault(node.Input(0)!) switch
        {
            { HasCodesOfValues: true } plan => plan.Tensor.Value,
            { Restoration: FirstChannels first } when ofChannels => first.Source,
            _ => null,
        };
        return source is null ? null : new NormalizedTensor(value, source, node, HasMask: false, Addend: null);
    }

    private static NormalizationTraits? RowOf(Value value) =>
        value.OutputIndex == 0 && NormalizationTraits.Of(value.Producer) is { } row
            && value.Producer!.Input(1) is { Producer: null }
        && value.Producer.Input(2) is null or { Producer: null }
            ? row
            : null;

    /// <summary>Rule 2.</summary>
    private DroppedOutTensor? OfDropout(Value value, int path)
    {
        var node = value.Producer!;
        if (node.Operator != Dropout || value.OutputIndex != 0 || node.Output(1) is not { } mask) return null;
        if (node.Input(1) is not { IsConstant: true } ratio || ratio.Initializer!.Type.ElementType != DataType.Float)
            return null;
        if (node.Input(2) is not { IsConstant: true } mode || mode.Initializer!.TryGetIntegers() is not [not 0])
            return null;
        if (plans.GetValueOrDefault(mask)?.HasMask(MaskBits.Nonzero) != true) return null;
        return Restore(node.Input(0)!, path) is { } inner ? new DroppedOutTensor(value, inner, mask, ratio) : null;
    }

    /// <summary>Rule 4. The sign of the result is that of what it was made of.</summary>
    private RectifiedTensor? OfRectifier(Value value, int path)
    {
        var node = value.Producer!;
        if (node.Operator != Relu && node.Operator != LeakyRelu || !HasSign(value, path)) return null;
        var alpha = node.Operator == Relu ? 0 : node.Attributes.GetFloat("alpha", DirectReads.DefaultAlphaOfLeakyRelu);
        return alpha >= 0 && Restore(node.Input(0)!, path) is { } inner
            ? new RectifiedTensor(value, inner, alpha)
            : null;
    }

    /// <summary>The value in question gets a mask; another one on the way has one, or none can be had.</summary>
    private bool HasSign(Value value, int path) =>
        path == LongestPath
        || plans.GetValueOrDefault(value)?.HasMask(MaskBits.Positive) == true;

    /// <summary>Rule 3.</summary>
    private ReplayedNode? OfReplay(Value value, int path)
    {
        var node = value.Producer!;
        if (value.OutputIndex != 0 || Replay.Find(node.Operator) is not { } row || !IsInScope(row.Kind)) return null;
        var inputs = new List<Restoration?>();
        foreach (var input in node.Inputs)
        {
            var restored = input is null || IsKept(input) ? null : Restore(input, path);
            if (restored is null ? input is not null && !IsKept(input) : inputs.Count >= row.RestoredInputs)
                return null;
            inputs.Add(restored);
        }
        var count = inputs.Count(input => input is not null);
        if (count == 0 || count > 1 && row.Kind == ReplayKind.Scaling) return null;
        return row.Kind != ReplayKind.Nonlinear || inputs.OfType<Restoration>().All(HasEightBits)
            ? new ReplayedNode(value, inputs)
            : null;
    }

    private bool IsInScope(ReplayKind kind) => kind switch
    {
        ReplayKind.Linear => options.Rebuild >= RebuildScope.Chain,
        ReplayKind.Product => options.Rebuild >= RebuildScope.Product,
        _ => true,
    };

    /// <summary>What the backward pass can read without anything of size being kept for it.</summary>
    private bool IsKept(Value value) =>
        value.Producer is null or { Operator.Type: "Constant" }
        || plans.TryGetValue(value, out var plan) && plan.Decision == StorageDecision.Exact
            && (!plan.Tensor.DependsOnData || IsSmallBeside(value, _wanted!))
        || IsShapeOrAxes(value);

    private Int128? ElementsOf(Value value) =>
        TensorSize.Nominal(plans.GetValueOrDefault(value)?.Tensor.Type, options.Dimensions) is { } sizes
            ? TensorSize.ElementsOf(sizes)
            : null;

    private static bool IsShapeOrAxes(Value value) =>
        value.Declared is { ElementType: DataType.Int64, Shape.Rank: <= 1 }
            || value.Producer is { Operator.Type: "Shape" };

    private bool HasEightBits(Restoration restoration) =>
        restoration is UnpackedTensor && plans[restoration.Value].Format is { Width: CodeWidth.EightBits };
}
