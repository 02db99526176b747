namespace OnnxActNN.Training.Measurement;

/// <summary>Order and liveness of one training step, from a profile.</summary>
public sealed record ExecutionMeasurement
{
    /// <summary>
    /// Bytes of distinct buffers that the forward pass made and that are needed from the first gradient on.
    /// </summary>
    public required long SavedBytes { get; init; }

    /// <summary>Most bytes alive at once, in the executed order.</summary>
    public required long PeakLivenessBytes { get; init; }

    /// <summary>Bytes alive while each kernel runs, in the executed order.</summary>
    public required IReadOnlyList<long> BytesAt { get; init; }

    /// <summary>Kernels before the first that makes a gradient.</summary>
    public required int ForwardKernels { get; init; }

    /// <summary>The node that runs at that moment.</summary>
    public required string PeakNode { get; init; }

    /// <summary>Whether all packs ran before all unpacks.</summary>
    public required bool PacksBeforeUnpacks { get; init; }

    /// <summary>Where the time of the steps after the first goes; of the first where there is no other.</summary>
    public required StepShares Shares { get; init; }

    /// <summary>Kernels run in a step.</summary>
    public required int Kernels { get; init; }
}
