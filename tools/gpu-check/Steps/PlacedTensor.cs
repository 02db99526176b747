using Microsoft.ML.OnnxRuntime;

namespace OnnxActNN.GpuCheck.Steps;

/// <summary>A tensor and the memory that it is in.</summary>
/// <param name="Value">As ONNX Runtime takes it.</param>
/// <param name="Memory">Its memory; null where ONNX Runtime owns it.</param>
internal sealed record PlacedTensor(OrtValue Value, IDisposable? Memory) : IDisposable
{
    public void Dispose()
    {
        Value.Dispose();
        Memory?.Dispose();
    }
}
