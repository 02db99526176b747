using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OnnxActNN.GpuCheck.Steps;

/// <summary>ONNX Runtime's CUDA provider on the first device, in the context that the device has too.</summary>
/// <param name="device">The device.</param>
/// <param name="memoryLimit">Bytes that the provider's arena may take; 0 for all there are.</param>
internal sealed class CudaStepProvider(CudaDevice device, long memoryLimit) : StepProvider
{
    public override string Name => "CUDA";

    public override OrtMemoryInfo Memory { get; } =
        new("Cuda", OrtAllocatorType.DeviceAllocator, 0, OrtMemType.Default);

    public override long? FreeBytes => device.FreeBytes;

    /// <summary>
    /// float32 as such, convolutions by heuristic (a search would differ from session to session), an arena without
    /// slack.
    /// </summary>
    public override void AddTo(SessionOptions options)
    {
        var settings = new Dictionary<string, string>
        {
            ["device_id"] = "0",
            ["use_tf32"] = "0",
            ["cudnn_conv_algo_search"] = "HEURISTIC",
            ["arena_extend_strategy"] = "kSameAsRequested",
        };
        if (memoryLimit > 0) settings["gpu_mem_limit"] = memoryLimit.ToString(CultureInfo.InvariantCulture);
        using var provider = new OrtCUDAProviderOptions();
        provider.UpdateOptions(settings);
        options.AppendExecutionProvider_CUDA(provider);
    }

    public override unsafe PlacedTensor Place(TensorElementType type, long[] dimensions, ReadOnlySpan<byte> data)
    {
        device.MakeCurrent();
        var buffer = device.Allocate(data.Length);
        buffer.Write(data);
        var value = OrtValue.CreateTensorValueWithData(Memory, type, dimensions, (nint)buffer.Address, data.Length);
        return new PlacedTensor(value, buffer);
    }
}
