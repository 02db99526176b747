using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OnnxActNN.GpuCheck.Steps;

/// <summary>The CPU: for trying the steps where there is no device.</summary>
internal sealed class CpuStepProvider : StepProvider
{
    public override string Name => "CPU";

    public override OrtMemoryInfo Memory => OrtMemoryInfo.DefaultInstance;

    public override long? FreeBytes => null;

    /// <summary>The arena counts what it hands out.</summary>
    public override void AddTo(SessionOptions options) => options.EnableCpuMemArena = true;

    public override PlacedTensor Place(TensorElementType type, long[] dimensions, ReadOnlySpan<byte> data)
    {
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type, dimensions);
        data.CopyTo(value.GetTensorMutableRawData());
        return new PlacedTensor(value, Memory: null);
    }
}
