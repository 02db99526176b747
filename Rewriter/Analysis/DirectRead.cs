using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>
/// A backward formula that an operator of ours computes from what is stored of a tensor, so that the tensor itself is
/// never restored. One object stands for all the formula's readers of the tensor.
/// </summary>
internal sealed class DirectRead
{
    /// <summary>The operator; for Relu the one that reads a mask.</summary>
    public required OperatorId Operator { get; init; }

    /// <summary>The node whose only result the operator makes in its place.</summary>
    public required Node Result { get; init; }

    /// <summary>The gradient that goes in; for MaskUnpack the one it waits for.</summary>
    public required Value Gradient { get; init; }

    /// <summary>The bits that are read; null for an index.</summary>
    public MaskBits? Bits { get; init; }

    /// <summary>The pool whose index is read.</summary>
    public PoolingWindow? Window { get; init; }

    /// <summary>
    /// What the gradient of a loss reads besides; the tensor is kept as its exponential. Null for all else.
    /// </summary>
    public LossGradient? Loss { get; init; }

    /// <summary>
    /// The axis of a log-softmax, of whose gradient dY − exp(Y) · Σ dY the sum is over it; the tensor is kept as its
    /// exponential. Null for all else.
    /// </summary>
    public long? SumAxis { get; init; }

    /// <summary>The derivative whose codes are read.</summary>
    public DerivativeOf? Derivative { get; init; }

    /// <summary>A parameter that is added to the tensor before the activation; null where none is.</summary>
    public Value? Bias { get; init; }

    /// <summary>Factor of LeakyRelu where the bit is 0.</summary>
    public float Alpha { get; init; }

    /// <summary>Ratio of Dropout; null for the default.</summary>
    public Value? Ratio { get; init; }
}
