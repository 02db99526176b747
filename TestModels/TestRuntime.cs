namespace OnnxActNN.TestModels;

/// <summary>Where a test model runs.</summary>
internal enum TestRuntime
{
    /// <summary>
    /// Any ONNX Runtime: standard operators only; outputs are the loss and one gradient per parameter.
    /// </summary>
    Stock,

    /// <summary>ONNX Runtime with training (1.16 to 1.19): gradients go to accumulation buffers.</summary>
    Training,

    /// <summary>Nowhere: it shows the analysis something that has no kernel.</summary>
    None,
}
