using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>Tells of which tensors the backward pass begins with the readers.</summary>
internal static class FirstReaders
{
    /// <summary>
    /// Whether all other readers of saved tensors wait for gradients that this tensor's readers make: then it ends with
    /// the forward pass, whoever asks for its pack.
    /// </summary>
    public static bool Are(Graph graph, SavedTensor tensor, IEnumerable<SavedTensor> saved)
    {
        var first = tensor.Consumers.Select(consumer => consumer.Use.Node).ToHashSet();
        var (gradients, nodes) = Reach.From(graph, first.SelectMany(node => node.Results));
        return saved.SelectMany(other => other.Consumers).Where(consumer => consumer.Class != StorageClass.H)
            .All(consumer => first.Contains(consumer.Use.Node) || Waits(consumer));

        bool Waits(SavedTensorConsumer consumer) => consumer.Trigger is { } trigger
            ? gradients.Contains(trigger)
            : Reach.OwnerIn(graph, consumer.Use.Node) is { } owner && nodes.Contains(owner);
    }
}
