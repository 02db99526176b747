using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.Format;

namespace OnnxActNN.GpuCheck.Contracts;

/// <summary>The gradient of softmax from packed weights.</summary>
internal static unsafe class SoftmaxContract
{
    private static readonly long[][] s_shapes = [[2, 3, 50, 50], [4, 700], [5, 1]];

    public static void Run(CudaDevice device, ContractResult result)
    {
        foreach (var dims in s_shapes)
        {
            foreach (var format in PackFormats.WithMixed)
                Check(device, dims, format with { GroupSize = 64, GroupAxis = -1 }, result);
        }
    }

    private static void Check(CudaDevice device, long[] dims, PackFormat format, ContractResult result)
    {
        var count = SampleTensor.CountOf(dims);
        var (packed, expected) = (SampleTensor.Pack(dims, format, isRelu: true), new byte[count * sizeof(float)]);
        byte[] dY = Draw(count, seed: 2), sums = Draw(count / (int)dims[^1], seed: 3);
        fixed (byte* codes = packed, gradient = dY, rows = sums, dX = expected)
        {
            SoftmaxGradFromPacked.Run(
                KernelTier.Scalar, (float*)gradient, dims, codes, packed.Length, (float*)rows, (float*)dX,
                SerialLoop.Instance);
        }
        var found = DeviceCall.Run(device, [dY, packed, sums], [expected.Length], (given, written) =>
            CudaSoftmax.Gradient(
                device.Stream, (void*)given[0], dims, (byte*)given[1], packed.Length, (void*)given[2],
                (void*)written[0]));
        result.Compare(found[0], expected, $"gradient of softmax, {string.Join('x', dims)}, {format}");
    }

    private static byte[] Draw(int count, int seed) =>
        SampleTensor.Draw(ElementType.Float32, count, isRelu: false, seed);
}
