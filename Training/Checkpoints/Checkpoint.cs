namespace OnnxActNN.Training.Checkpoints;

/// <summary>
/// The content of an ONNX Runtime training checkpoint: parameters, optimizer state and properties. Read and written by
/// <see cref="CheckpointReader"/> and <see cref="CheckpointWriter"/>.
/// </summary>
public sealed record Checkpoint
{
    /// <summary>The version that ONNX Runtime 1.16 to 1.19 writes and reads.</summary>
    public const int CurrentVersion = 2;

    /// <summary>Version of the format.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The parameters that are trained.</summary>
    public required IReadOnlyList<CheckpointTensor> Trained { get; init; }

    /// <summary>The parameters that the graph reads but that are not trained.</summary>
    public IReadOnlyList<CheckpointTensor> Frozen { get; init; } = [];

    /// <summary>Whether the tensors have names, types and shapes alone, to be filled later.</summary>
    public bool IsNominal { get; init; }

    /// <summary>State of the optimizers; empty before the first step.</summary>
    public IReadOnlyList<OptimizerGroup> OptimizerGroups { get; init; } = [];

    /// <summary>Whatever else the training loop keeps.</summary>
    public PropertyBag Properties { get; init; } = new();

    /// <summary>All parameters, trained ones first.</summary>
    public IEnumerable<CheckpointTensor> Parameters => Trained.Concat(Frozen);
}
