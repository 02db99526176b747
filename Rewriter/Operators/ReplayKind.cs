namespace OnnxActNN.Rewriter.Operators;

/// <summary>What running a forward operator again takes and what it does to its inputs' noise.</summary>
internal enum ReplayKind
{
    /// <summary>Moves elements.</summary>
    View,

    /// <summary>One pass over the tensor; linear in its restored inputs together.</summary>
    Linear,

    /// <summary>One pass; linear in one restored input, the others being kept.</summary>
    Scaling,

    /// <summary>One pass; bends its input, so that this must have eight bits.</summary>
    Nonlinear,

    /// <summary>A product with a kept second factor: work for each element that grows with the width.</summary>
    Product,
}
