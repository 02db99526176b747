using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>One way to keep a tensor: from which store each of its consumers reads, and in what form.</summary>
/// <param name="tensor">The tensor.</param>
/// <param name="formats">The codes that it may get.</param>
/// <param name="signFromCodes">Whether readers of the sign read codes that tell zeros apart; else a mask.</param>
/// <param name="withDerivatives">Whether gradients of activations read codes of the derivative; else values.</param>
internal sealed class StoreChoice(
    SavedTensor tensor, TensorFormats formats, bool signFromCodes, bool withDerivatives = false)
{
    private readonly List<Store> _derivatives = [];
    private readonly List<Store> _masks = [];
    private Store? _codes;
    private Store? _exponential;
    private Store? _index;

    /// <summary>
    /// What each consumer reads, in their order. Readers of the shape take what another store has along, else a store
    /// of their own.
    /// </summary>
    public IReadOnlyList<ConsumerPlan> Read()
    {
        var reads = new ConsumerPlan?[tensor.Consumers.Count];
        Store? dimensions = null;
        for (var at = 0; at < reads.Length; at++)
        {
            var consumer = tensor.Consumers[at];
            if (consumer.Class == StorageClass.H) continue;
            var (store, form) = ReadOf(consumer);
            reads[at] = new ConsumerPlan(consumer, store, form);
            if (HasDimensions(store)) dimensions ??= store;
        }
        for (var at = 0; at < reads.Length; at++)
            reads[at] ??= new ConsumerPlan(tensor.Consumers[at], dimensions ??= Store.Shape(), ReadForm.Dimensions);
        return reads!;
    }

    private (Store Store, ReadForm Form) ReadOf(SavedTensorConsumer consumer) => consumer switch
    {
        { Direct.Window: { } window } => (_index ??= Store.Index(window), ReadForm.Direct),
        { Need: Need.Exponential } => (_exponential ??= Exponential(), ReadForm.Direct),
        _ when ReadsValues(consumer) => (_codes ??= Codes(), ReadForm.Values),
        { Direct: { Derivative: { } derivative } direct } => (CodesOf(derivative, direct.Bias), ReadForm.Direct),
        { Need: Need.Sign } when signFromCodes =>
            (_codes ??= Codes(), ReadsCodes(consumer.Direct) ? ReadForm.Direct : ReadForm.Nonzero),
        { Direct.Bits: { } bits } => (MaskOf(bits), ReadForm.Direct),
        _ => (MaskOf(MaskBits.Nonzero), ReadForm.Bools),
    };

    private bool ReadsValues(SavedTensorConsumer consumer) =>
        consumer.Class == StorageClass.Q && !(withDerivatives && consumer.Direct?.Derivative is not null);

    /// <summary>Zeros stay exact also where nobody asks for the sign; see <see cref="ReluOutputs"/>.</summary>
    private Store Codes()
    {
        var readsMaskOfSign = !signFromCodes && tensor.Consumers.Any(consumer => consumer.Need == Need.Sign);
        return Store.Quantize(formats.OfValues(
            bends: tensor.Consumers.Any(consumer => consumer.Need == Need.Nonlinear && ReadsValues(consumer)),
            zeroExact: tensor.IsReluOutput && (formats.MayBeZeroExact && !readsMaskOfSign || signFromCodes)));
    }

    private Store Exponential() => Store.QuantizeExponential(formats.OfValues(formats.Bends, zeroExact: false));

    private Store CodesOf(DerivativeOf derivative, Value? bias)
    {
        var isAlone = !tensor.Consumers.Any(ReadsValues);
        return Known(
            _derivatives, Store.OfDerivative(formats.Of(derivative, isAlone), bias),
            static (one, other) => one.Derivative == other.Derivative && one.Bias == other.Bias);
    }

    private Store MaskOf(MaskBits bits) =>
        Known(_masks, Store.Mask(bits), static (one, other) => one.Bits == other.Bits);

    private static Store Known(List<Store> stores, Store store, Func<Store, Store, bool> isSame)
    {
        foreach (var other in stores)
        {
            if (isSame(other, store)) return other;
        }
        stores.Add(store);
        return store;
    }

    /// <summary>Whether the formula can be computed from codes as well as from a mask.</summary>
    private static bool ReadsCodes(DirectRead? direct) =>
        direct is { Alpha: 0 } && direct.Operator == PackOperators.ReluGradFromMask;

    /// <summary>The shape that goes with an index is the pool's input's, not the index's own.</summary>
    private static bool HasDimensions(Store store) =>
        store.Decision is StorageDecision.Quantize or StorageDecision.Mask;
}
