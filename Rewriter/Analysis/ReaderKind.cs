namespace OnnxActNN.Rewriter.Analysis;

/// <summary>What a backward reader of a saved tensor is, where that decides which code serves it.</summary>
internal enum ReaderKind
{
    /// <summary>Nothing that a need does not tell.</summary>
    Other,

    /// <summary>A reader of a softmax's result: most of its elements are near 0.</summary>
    Weights,

    /// <summary>The product whose row sums go into the gradients of attention's softmax.</summary>
    RowSum,

    /// <summary>The gradient of a loss, which reads the probabilities behind log-probabilities.</summary>
    LossProbabilities,
}
