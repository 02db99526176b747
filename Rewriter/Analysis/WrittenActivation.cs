using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>An activation's gradient, dX = dY · f′(αx) element by element, that several operators write out.</summary>
/// <param name="Derivative">f′ and α.</param>
/// <param name="Input">x.</param>
/// <param name="Gradient">dY.</param>
/// <param name="Last">The node that makes dX, its first result.</param>
/// <param name="Nodes">That node and the others between dY and dX.</param>
internal sealed record WrittenActivation(
    DerivativeOf Derivative, Value Input, Value Gradient, Node Last, IReadOnlySet<Node> Nodes);
