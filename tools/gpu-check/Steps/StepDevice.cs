namespace OnnxActNN.GpuCheck.Steps;

/// <summary>Where the steps run.</summary>
internal enum StepDevice
{
    Cuda,
    Cpu,
}
