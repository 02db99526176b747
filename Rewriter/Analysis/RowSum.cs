using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>A softmax's gradient, P · (dP − sum), whose row sum comes from attention's product.</summary>
/// <param name="Product">O · dO, element by element.</param>
/// <param name="Difference">dP − sum.</param>
/// <param name="Gradient">P · (dP − sum); P is its first input.</param>
/// <param name="Rebuilt">
/// The result of Dropout that is made again from P, and so no longer saved; null where there is none.
/// </param>
internal sealed record RowSum(Node Product, Node Difference, Node Gradient, Value? Rebuilt)
{
    /// <summary>O where the original's backward pass does not read it; else null.</summary>
    public Value? Added { get; init; }
}
