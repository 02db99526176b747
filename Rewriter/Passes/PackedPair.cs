using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>
/// A store of a tensor in the graph: the pack, what it writes, and every node of the backward pass that reads it, held
/// by reference.
/// </summary>
/// <param name="Plan">The decision this carries out.</param>
/// <param name="Store">Which of the plan's stores it is.</param>
/// <param name="Pack">
/// The node that packs: QuantizePack, DerivativePack, MaskPack, IndexPack, MaxPoolIndexPack or ShapeCarrier.
/// </param>
/// <param name="Packed">The bytes; null for a ShapeCarrier.</param>
/// <param name="Shape">
/// The zero-byte tensor that carries the dimensions: the tensor's, or for an index the pool's input's.
/// </param>
/// <param name="PassThrough">
/// What the forward consumers read in place of the tensor, or of what the pack is anchored to.
/// </param>
internal sealed record PackedPair(
    TensorPlan Plan, Store Store, Node Pack, Value? Packed, Value Shape, Value PassThrough)
{
    /// <summary>Nodes that restore the tensor or its mask for a reader.</summary>
    public List<Node> Unpacks { get; } = [];

    /// <summary>Nodes that cut the first channels off a restored tensor.</summary>
    public List<Node> Cuts { get; } = [];

    /// <summary>Gradients that read the packed bytes themselves.</summary>
    public List<Node> Gradients { get; } = [];

    /// <summary>Every node that the pack put into the forward pass.</summary>
    public IEnumerable<Node> ForwardNodes =>
    [
        .. Store.IsExponential ? [Pack.Input(0)!.Producer!] : (Node[])[],
        Pack,
        .. PassThrough.Producer is { } anchor && anchor != Pack ? [anchor] : (Node[])[],
    ];
}
