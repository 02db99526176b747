using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>A softmax's gradient, P · (dP − sum), whose row sum comes from attention's product.</summary>
/// <param name="Product">O · dO, element by element.</param>
/// <param name="Difference">dP − sum.</param>
/// <param name="Gradient">P · (dP − sum); P is its first input.</param>
internal sealed record RowSum(Node Product, Node Difference, Node Gradient);
