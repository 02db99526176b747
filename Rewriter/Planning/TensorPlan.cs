using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>What happens to one saved tensor, and why.</summary>
internal sealed class TensorPlan
{
    /// <param name="tensor">The tensor with its consumers.</param>
    /// <param name="reads">What each consumer reads, in the consumers' order.</param>
    /// <param name="reason">A sentence for people.</param>
    /// <param name="others">Stores that no consumer reads, but something that is rebuilt.</param>
    public TensorPlan(
        SavedTensor tensor, IReadOnlyList<ConsumerPlan> reads, string reason, params IReadOnlyList<Store> others)
    {
        (Tensor, Reads, Reason) = (tensor, reads, reason);
        Stores = StoresOf(reads, others);
        Decision = Stores[0].Decision;
        foreach (var store in Stores)
        {
            Format ??= store.Format;
            Derivative ??= store.Derivative;
            Restoration ??= store.Restoration;
            HasCodesOfValues |= store is { Format: not null, IsExponential: false }
                && tensor.Type?.ElementType == DataType.Float;
        }
    }

    public SavedTensor Tensor { get; }

    public IReadOnlyList<ConsumerPlan> Reads { get; }

    public string Reason { get; }

    /// <summary>Every form in which the tensor is kept, the dearest first.</summary>
    public IReadOnlyList<Store> Stores { get; }

    /// <summary>The tensor's own decision, the strictest of its stores'.</summary>
    public StorageDecision Decision { get; }

    /// <summary>The code of the values, where there is one.</summary>
    public PackFormat? Format { get; }

    /// <summary>Whether its values, float32, can be restored from codes.</summary>
    public bool HasCodesOfValues { get; }

    /// <summary>The code of a derivative, where there is one.</summary>
    public DerivativeFormat? Derivative { get; }

    /// <summary>Whether codes of a derivative are all that is kept in the values' place.</summary>
    public bool HasDerivativeAlone => Format is null && Derivative is not null;

    /// <summary>
    /// The code of the values, or else of the derivative, as one of values with the derivative's range.
    /// </summary>
    public PackFormat? Code => HasDerivativeAlone
        ? new PackFormat(Derivative!.Width, zeroExact: false) { Rounding = Derivative.Rounding }
        : Format;

    /// <summary>How the tensor is computed again, where it is.</summary>
    public Restoration? Restoration { get; }

    /// <summary>The stores that consumers read and others, each once, the dearest first.</summary>
    public static IReadOnlyList<Store> StoresOf(IReadOnlyList<ConsumerPlan> reads, params IReadOnlyList<Store> others)
    {
        var stores = new List<Store>(1); // Mostly there is one.
        for (var at = 0; at < reads.Count; at++) Add(reads[at].Store);
        for (var at = 0; at < others.Count; at++) Add(others[at]);
        return stores;

        void Add(Store store)
        {
            if (stores.Contains(store)) return;
            var at = stores.Count;
            while (at > 0 && stores[at - 1].Decision < store.Decision) at--;
            stores.Insert(at, store);
        }
    }

    /// <summary>Whether these bits are among what is kept.</summary>
    public bool HasMask(MaskBits bits)
    {
        foreach (var store in Stores)
        {
            if (store.Bits == bits) return true;
        }
        return false;
    }

    /// <summary>What one consumer reads under this plan.</summary>
    public StorageDecision DecisionFor(SavedTensorConsumer consumer) =>
        Reads.First(read => read.Consumer == consumer).Decision;

    /// <summary>Bytes of all stores, or null where a dimension has no size.</summary>
    public long? TryGetStoredBytes(IReadOnlyDictionary<string, long> dimensions)
    {
        if (Stores is [{ Decision: StorageDecision.Shape }]) return 0;
        if (Tensor.Type is not { Shape: { } shape } type || type.TryGetBytes(dimensions) is null) return null;
        var sizes = shape.Evaluate(dimensions)!;
        long bytes = 0;
        foreach (var store in Stores) bytes += store.BytesOf(type.ElementType, sizes);
        return bytes;
    }
}
