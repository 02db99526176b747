namespace OnnxActNN.Training.Measurement;

/// <summary>What a measuring process looks at. One spoils the other, so each has a process of its own.</summary>
public enum MeasureKind
{
    /// <summary>
    /// The peak of memory. Each large block comes from the system and goes back to it, which costs time: the system
    /// clears every page that it gives.
    /// </summary>
    Memory,

    /// <summary>Times and losses, with blocks kept or given back as the C library does by itself.</summary>
    Time,

    /// <summary>Executed order, liveness and shares of the time, under ONNX Runtime's profiler.</summary>
    Execution,
}
