using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Losses;
using OnnxActNN.CustomOps.Cuda;

namespace OnnxActNN.GpuCheck;

/// <summary>
/// The gradient of softmax and its cross entropy from packed probabilities of the host, on the CPU and on the device.
/// </summary>
/// <param name="factors">Reduction and the label to be ignored.</param>
/// <param name="dims">Dimensions of the probabilities.</param>
/// <param name="packed">The probabilities.</param>
/// <param name="labels">One for each place of each sample.</param>
/// <param name="weights">One for each class; empty for none.</param>
/// <param name="dY">The gradient of the loss.</param>
internal sealed unsafe class LossGradient(
    LabelFactors factors, long[] dims, byte[] packed, long[] labels, float[] weights, float[] dY)
{
    private readonly long _bytes = labels.Length * dims[1] * sizeof(float);

    /// <summary>dX.</summary>
    public byte[] OnCpu()
    {
        var ofLabels = factors.Of(labels, dims[1], weights, dY);
        var dX = new byte[_bytes];
        fixed (byte* codes = packed, target = dX)
        {
            SoftmaxCrossEntropyLossGradFromPacked.Run(
                KernelTier.Scalar, dims, codes, packed.Length, labels, ofLabels, (float*)target, SerialLoop.Instance);
        }
        return dX;
    }

    /// <summary>The same.</summary>
    /// <param name="device">Where.</param>
    /// <param name="areWide">Whether labels have 64 bits, not 32.</param>
    public byte[] OnDevice(CudaDevice device, bool areWide)
    {
        byte[]?[] sources =
        [
            SampleTensor.BytesOf(dY), packed, LabelBytes(areWide),
            weights.Length > 0 ? SampleTensor.BytesOf(weights) : null,
        ];
        return DeviceCall.Run(device, sources, [_bytes], (given, written) => CudaSoftmaxCrossEntropyLoss.Gradient(
            device.Stream, factors, given[0], new DeviceBytes(given[1], packed.Length), dims,
            new LabelAddresses(given[2], labels.Length, areWide), given[3], written[0]))[0];
    }

    private byte[] LabelBytes(bool areWide)
    {
        if (areWide) return MemoryMarshal.AsBytes(labels.AsSpan()).ToArray();
        var narrow = new int[labels.Length];
        for (var i = 0; i < narrow.Length; i++) narrow[i] = (int)labels[i];
        return MemoryMarshal.AsBytes(narrow.AsSpan()).ToArray();
    }
}
