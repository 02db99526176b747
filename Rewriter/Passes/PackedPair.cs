using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>
/// A packed tensor in the graph: the pack, what it writes, and every unpack of it, held by reference.
/// </summary>
/// <param name="Plan">The decision this carries out.</param>
/// <param name="Pack">The QuantizePack or ShapeCarrier node.</param>
/// <param name="Packed">The codes; null for a ShapeCarrier.</param>
/// <param name="Shape">The zero-byte tensor that carries the dimensions.</param>
/// <param name="PassThrough">What the forward consumers read in place of the tensor.</param>
internal sealed record PackedPair(TensorPlan Plan, Node Pack, Value? Packed, Value Shape, Value PassThrough)
{
    public List<Node> Unpacks { get; } = [];
}
