using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OnnxActNN.GpuCheck.Steps;

/// <summary>An execution provider of ONNX Runtime with the memory that its tensors are in.</summary>
internal abstract class StepProvider
{
    /// <summary>What the report calls it.</summary>
    public abstract string Name { get; }

    /// <summary>Where outputs stay between steps.</summary>
    public abstract OrtMemoryInfo Memory { get; }

    /// <summary>Bytes of the device that nobody has taken; null where that says nothing.</summary>
    public abstract long? FreeBytes { get; }

    /// <summary>Makes sessions opened with these options run here.</summary>
    public abstract void AddTo(SessionOptions options);

    /// <summary>A tensor in this provider's memory.</summary>
    public abstract PlacedTensor Place(TensorElementType type, long[] dimensions, ReadOnlySpan<byte> data);
}
