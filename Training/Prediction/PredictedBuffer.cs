namespace OnnxActNN.Training.Prediction;

/// <summary>A buffer that nodes of the graph make and that is freed after its last use.</summary>
/// <param name="Name">The value that owns it.</param>
/// <param name="Category">What it is for.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="First">Index of the step that makes it.</param>
/// <param name="Last">Index of the last step that touches it.</param>
internal sealed record PredictedBuffer(string Name, MemoryCategory Category, long Bytes, int First, int Last);
