using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.Format;

namespace OnnxActNN.GpuCheck.Contracts;

/// <summary>Masks, and the gradients that read them or codes.</summary>
internal static unsafe class MaskContract
{
    private static readonly int[] s_lengths = [0, 1, 7, 8, 9, 255, 2049, 10_000];

    public static void Run(CudaDevice device, ElementType type, ContractResult result)
    {
        foreach (var length in s_lengths)
        {
            var x = SampleTensor.Draw(type, length, isRelu: false, seed: length);
            var mask = PackMask(device, type, x, length, result);
            CheckGradients(device, type, x, length, mask, result);
            CheckCodes(device, type, [length], new PackFormat(CodeWidth.TwoBits, zeroExact: true), result);
        }
    }

    private static byte[] PackMask(CudaDevice device, ElementType type, byte[] x, int length, ContractResult result)
    {
        var range = KeyRange.Of(type, MaskTest.Positive, 0, 0);
        var mask = new byte[MaskFormat.BytesOf(length)];
        fixed (byte* source = x, target = mask)
            MaskPack.Run(KernelTier.Scalar, type, source, length, range, target, SerialLoop.Instance);
        var found = DeviceCall.Run(device, [x], [mask.Length], (given, written) => CudaMasks.Pack(
            device.Stream, ElementTypes.SizeOf(type), (void*)given[0], length, range, (byte*)written[0]))[0];
        result.Compare(found, mask, $"mask pack, {type}, {length}");
        return mask;
    }

    private static void CheckGradients(
        CudaDevice device, ElementType type, byte[] dY, int length, byte[] mask, ContractResult result)
    {
        var factors = new MaskFactors<float>(3, -2, 0.7f);
        var (kept, scaled) = (new byte[dY.Length], new byte[dY.Length]);
        fixed (byte* source = dY, bits = mask, keptTarget = kept, scaledTarget = scaled)
        {
            MaskGradient.KeepOrZero(
                KernelTier.Scalar, type, source, length, bits, mask.Length, keptTarget, SerialLoop.Instance);
            MaskGradient.Scale(
                KernelTier.Scalar, type, source, length, bits, mask.Length, factors, scaledTarget, SerialLoop.Instance);
        }
        var found = DeviceCall.Run(device, [dY, mask], [dY.Length, dY.Length], (given, written) =>
        {
            CudaMasks.KeepOrZero(
                device.Stream, type, (void*)given[0], length, (byte*)given[1], mask.Length, (void*)written[0]);
            CudaMasks.Scale(
                device.Stream, type, (void*)given[0], length, (byte*)given[1], mask.Length, factors, (void*)written[1]);
        });
        result.Compare(found[0], kept, $"mask gradient, {type}, {length}");
        result.Compare(found[1], scaled, $"scaled mask gradient, {type}, {length}");
    }

    /// <summary>Compares the gradient of a Relu from its codes.</summary>
    public static void CheckCodes(
        CudaDevice device, ElementType type, long[] dims, PackFormat format, ContractResult result)
    {
        var layout = PackedLayout.Create(dims, format);
        var count = (int)layout.ElementCount;
        var relu = SampleTensor.Draw(type, count, isRelu: true, seed: count);
        var dY = SampleTensor.Draw(type, count, isRelu: false, seed: count + 1);
        var (packed, expected) = (new byte[layout.TotalBytes], new byte[dY.Length]);
        fixed (byte* x = relu, source = dY, codes = packed, target = expected)
        {
            QuantizePack.Run(KernelTier.Scalar, type, x, codes, layout, default, SerialLoop.Instance);
            ReluGradFromCodes.Run(
                KernelTier.Scalar, type, source, dims, codes, packed.Length, target, SerialLoop.Instance);
        }
        var found = DeviceCall.Run(
            device, [dY, packed], [dY.Length], (given, written) => CudaUnpackDequant.ReluGradient(
            device.Stream, type, (void*)given[0], dims, (byte*)given[1], packed.Length, (void*)written[0]))[0];
        result.Compare(found, expected, $"relu gradient from codes, {type}, {string.Join('x', dims)}, {format}");
    }
}
