using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Losses;
using OnnxActNN.CustomOps.Cuda;

namespace OnnxActNN.GpuCheck;

/// <summary>
/// The gradient of softmax and its cross entropy from packed probabilities of the host, on the CPU and on the device.
/// </summary>
/// <param name="Factors">Reduction and the label to be ignored.</param>
/// <param name="Dims">Dimensions of the probabilities.</param>
/// <param name="Packed">The probabilities.</param>
/// <param name="Labels">One for each place of each sample.</param>
/// <param name="Weights">One for each class; empty for none.</param>
/// <param name="DY">The gradient of the loss.</param>
internal sealed unsafe record LossGradient(
    LabelFactors Factors, long[] Dims, byte[] Packed, long[] Labels, float[] Weights, float[] DY)
{
    private long Bytes => Dims.Aggregate(1L, (product, size) => product * size) * sizeof(float);

    /// <summary>dX.</summary>
    public byte[] OnCpu()
    {
        var factors = Factors.Of(Labels, Dims[1], Weights, DY);
        var dX = new byte[Bytes];
        fixed (byte* codes = Packed, target = dX)
        {
            SoftmaxCrossEntropyLossGradFromPacked.Run(
                KernelTier.Scalar, Dims, codes, Packed.Length, Labels, factors, (float*)target, SerialLoop.Instance);
        }
        return dX;
    }

    /// <summary>The same.</summary>
    /// <param name="device">Where.</param>
    /// <param name="areWide">Whether labels have 64 bits, not 32.</param>
    public byte[] OnDevice(CudaDevice device, bool areWide)
    {
        var labels = areWide ? BytesOf(Labels) : BytesOf(Array.ConvertAll(Labels, label => (int)label));
        byte[]?[] sources = [BytesOf(DY), Packed, labels, Weights.Length > 0 ? BytesOf(Weights) : null];
        return DeviceCall.Run(device, sources, [Bytes], (given, written) => CudaSoftmaxCrossEntropyLoss.Gradient(
            device.Stream, Factors, given[0], new DeviceBytes(given[1], Packed.Length), Dims,
            new LabelAddresses(given[2], Labels.Length, areWide), given[3], written[0]))[0];
    }

    private static byte[] BytesOf<T>(T[] numbers)
        where T : unmanaged => MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray();
}
