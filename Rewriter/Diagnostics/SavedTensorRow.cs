using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Diagnostics;

/// <summary>One saved tensor in a report.</summary>
/// <param name="Name">Name of the value.</param>
/// <param name="ElementType">Element type, as NumPy names it; null where unknown.</param>
/// <param name="Bytes">Bytes at the given dimensions; null where one has no size.</param>
/// <param name="IsAlias">Shares the buffer of another row, which counts for both.</param>
/// <param name="IsCounted">
/// Whether it takes part in the totals. An alias does not; nor a tensor of which only the shape is read, because ONNX
/// Runtime runs Shape and Size early and keeps their results alone; nor a transposed parameter, which ONNX Runtime
/// fuses into the product that reads it; nor the input of an activation of which the original saves other tensors.
/// </param>
/// <param name="Class">The strictest storage class of the consumers.</param>
/// <param name="Decision">How the tensor is kept.</param>
/// <param name="Reason">Why.</param>
/// <param name="Producer">The forward node that makes it.</param>
/// <param name="Stores">The forms in which it is kept, the dearest first.</param>
/// <param name="Consumers">The backward nodes that read it.</param>
/// <param name="StoredBytes">Bytes kept under the decision.</param>
/// <param name="Bits">Stored bits per element.</param>
public sealed record SavedTensorRow(
    string Name,
    string? ElementType,
    long? Bytes,
    bool IsAlias,
    bool IsCounted,
    StorageClass Class,
    StorageDecision Decision,
    string Reason,
    string Producer,
    IReadOnlyList<StoreRow> Stores,
    IReadOnlyList<SavedTensorConsumerRow> Consumers,
    long? StoredBytes,
    double? Bits)
{
    private static readonly OperatorId Transpose = OperatorId.Onnx("Transpose");

    /// <summary>Dimensions, numbers and expressions; null where the rank is unknown.</summary>
    public IReadOnlyList<string>? Shape => Type?.Shape?.Select(dimension => dimension.ToString()).ToList();

    /// <summary>Bytes as an expression (<c>4*batch*64*112*112</c>); null where unknown.</summary>
    public string? SymbolicBytes => SymbolicBytesOf(Type);

    /// <summary>What the two above are made of when somebody asks.</summary>
    internal TensorType? Type { get; init; }

    internal static SavedTensorRow Of(
        TensorPlan plan, long? bytes, bool isAlias, bool isNew, IReadOnlyDictionary<string, long> dimensions)
    {
        var tensor = plan.Tensor;
        var stored = plan.TryGetStoredBytes(dimensions);
        var elementBits = tensor.Type?.ElementType.BitsOf();
        double? bits = stored is not null && bytes is > 0 ? (double)stored / bytes * elementBits : null;
        var sizes = bytes is null ? null : tensor.Type!.Shape!.Evaluate(dimensions);
        var stores = new StoreRow[plan.Stores.Count];
        for (var at = 0; at < stores.Length; at++) stores[at] = RowOf(plan.Stores[at]);
        var consumers = new SavedTensorConsumerRow[plan.Reads.Count];
        for (var at = 0; at < consumers.Length; at++)
            consumers[at] = SavedTensorConsumerRow.Of(plan.Reads[at], stores[IndexOf(plan.Reads[at].Store)].Bits);
        return new SavedTensorRow(
            tensor.Value.Name, tensor.Type?.ElementType.DisplayName(),
            bytes, isAlias,
            !isAlias && tensor.Class != StorageClass.H && !IsTransposedParameter(tensor)
            && !(isNew && plan.Decision != StorageDecision.Exact),
            tensor.Class, plan.Decision, plan.Reason, tensor.Value.Producer!.DisplayName,
            stores, consumers, stored, bits)
        {
            Type = tensor.Type,
        };

        StoreRow RowOf(Store store)
        {
            long? kept = sizes is null ? null : store.BytesOf(tensor.Type!.ElementType, sizes);
            return new StoreRow(
                store.Decision, store.ToString(), kept, bytes is > 0 ? (double?)kept / bytes * elementBits : null);
        }

        int IndexOf(Store store)
        {
            var at = 0;
            while (plan.Stores[at] != store) at++;
            return at;
        }
    }

    /// <summary>
    /// A tensor that the original saves, and of which the rewritten graph needs nothing that it does not have from
    /// others.
    /// </summary>
    internal static SavedTensorRow OfNoMore(
        Value value, TensorType? type, IReadOnlyDictionary<string, long> dimensions, string reason)
    {
        var bytes = type?.TryGetBytes(dimensions);
        return new SavedTensorRow(
            value.Name, type?.ElementType.DisplayName(),
            bytes, IsAlias: false, IsCounted: true, StorageClass.R, StorageDecision.Rebuild,
            reason, value.Producer!.DisplayName, [], [], 0, 0)
        {
            Type = type,
        };
    }

    private static bool IsTransposedParameter(SavedTensor tensor) =>
        !tensor.DependsOnData && tensor.Value.Producer!.Operator == Transpose;

    private static string? SymbolicBytesOf(TensorType? type)
    {
        if (type?.Shape is not { } shape || type.ElementType.BitsOf() is not (> 0 and var bits)) return null;
        var factors = shape.Select(dimension => dimension.IsSum ? $"({dimension})" : dimension.ToString());
        return bits % 8 == 0
            ? string.Join('*', factors.Prepend($"{bits / 8}"))
            : $"ceil({string.Join('*', factors.Prepend($"{bits}"))}/8)";
    }
}
