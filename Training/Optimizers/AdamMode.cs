namespace OnnxActNN.Training.Optimizers;

/// <summary>
/// Where AdamW adds epsilon and when it decays weights: attribute <c>adam_mode</c> of ONNX Runtime's AdamWOptimizer.
/// </summary>
public enum AdamMode
{
    /// <summary>As in PyTorch: weights decay first, and epsilon is added to the corrected root.</summary>
    PyTorch = 0,

    /// <summary>
    /// As in Hugging Face's transformers: epsilon is added to the uncorrected root, and weights decay last.
    /// </summary>
    Transformers = 1,
}
