namespace OnnxActNN.Training;

/// <summary>Bytes that a training session itself holds, beside what ONNX Runtime allocates within a step.</summary>
/// <param name="Parameters">Trained parameters.</param>
/// <param name="Frozen">Parameters that are only read.</param>
/// <param name="Gradients">Gradients, with the second block that accumulation over several steps needs.</param>
/// <param name="Optimizer">The optimizer's moments; 0 before the first optimizer step.</param>
public sealed record TrainingMemory(long Parameters, long Frozen, long Gradients, long Optimizer)
{
    /// <summary>All of them.</summary>
    public long Total => Parameters + Frozen + Gradients + Optimizer;
}
