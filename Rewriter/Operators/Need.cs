namespace OnnxActNN.Rewriter.Operators;

/// <summary>What an operator needs of one of its inputs, ordered from the least to the most demanding.</summary>
internal enum Need
{
    /// <summary>Only the shape.</summary>
    Shape,

    /// <summary>
    /// Whatever the readers of the operator's output need: a view, a sum, or another map linear in this input.
    /// </summary>
    PassOn,

    /// <summary>The value; the result is linear in it, so an unbiased lossy code keeps the gradient unbiased.</summary>
    Linear,

    /// <summary>The value, as the input of a normalization: not linear, but measured to stand low bit widths.</summary>
    Normalization,

    /// <summary>The value's exponential, by an operator that reads its code; the result is linear in it.</summary>
    Exponential,

    /// <summary>
    /// The value; the result bends in it, so a lossy code adds a bias that falls with the code's step.
    /// </summary>
    Nonlinear,

    /// <summary>Whether the value is positive.</summary>
    Sign,

    /// <summary>Whether the value lies within bounds.</summary>
    Range,

    /// <summary>The truth value of a bool tensor.</summary>
    Bool,

    /// <summary>An index tensor whose entries lie in a pooling window.</summary>
    WindowIndex,

    /// <summary>The value itself, to the last bit.</summary>
    Exact,
}
