namespace OnnxActNN.Training.Measurement;

/// <summary>Which kind of session a measurement runs in.</summary>
public enum MeasureRuntime
{
    /// <summary>ONNX Runtime's training session, with optimizer steps; needs a native library that trains.</summary>
    Training,

    /// <summary>A plain session; parameters stay as they are.</summary>
    Stock,
}
