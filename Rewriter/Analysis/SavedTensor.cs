using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>A tensor that the forward pass makes and the backward pass reads, with each of those readers.</summary>
internal sealed class SavedTensor(Value value, TensorType? type, IReadOnlyList<SavedTensorConsumer> consumers)
{
    public Value Value { get; } = value;

    /// <summary>Element type and symbolic shape; null where neither the file nor inference knows them.</summary>
    public TensorType? Type { get; } = type;

    /// <summary>The backward readers, in the order they stand in the graph's use list.</summary>
    public IReadOnlyList<SavedTensorConsumer> Consumers { get; } = consumers;

    /// <summary>The strictest need of all consumers.</summary>
    public Need Need { get; } = consumers.Max(consumer => consumer.Need);

    /// <summary>
    /// Operators that read its value in the backward pass, each once, in order of their names, with spaces between.
    /// </summary>
    public string ValueReaders => string.Join(
        ' ', Consumers.Where(consumer => consumer.Class == StorageClass.Q)
            .Select(consumer => consumer.Use.Node.Operator.Type).Distinct().Order(StringComparer.Ordinal));

    public StorageClass Class { get; } = consumers.Max(consumer => consumer.Class);

    /// <summary>The value whose buffer this one shares: itself, or what it is a view of.</summary>
    public required Value Buffer { get; init; }

    /// <summary>Whether the caller's data goes into it; else it is computed from parameters alone.</summary>
    public required bool DependsOnData { get; init; }

    /// <summary>No element is negative, and zeros are common; see <see cref="ReluOutputs"/>.</summary>
    public required bool IsReluOutput { get; init; }

    /// <summary>
    /// The value whose forward readers make a pack run in time: this one, or, where no forward node but Shape reads it,
    /// another result of its producer, or else what that reads last; null where there is none.
    /// </summary>
    public required Value? ForwardRead { get; init; }

    /// <summary>The producer's input that <see cref="ForwardRead"/> is; null where it is a result.</summary>
    public int? ForwardInput { get; init; }

    public override string ToString() => $"{Value} {Type}";
}
