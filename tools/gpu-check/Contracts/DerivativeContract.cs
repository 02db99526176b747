using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Derivatives;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;

namespace OnnxActNN.GpuCheck.Contracts;

/// <summary>Codes of all activations' derivatives, and gradients from them.</summary>
internal static unsafe class DerivativeContract
{
    private const float Alpha = 1.5f;

    private static readonly int[] s_lengths = [0, 1, 1024, 3001];

    public static void Run(CudaDevice device, ElementType type, ContractResult result)
    {
        foreach (var function in Enum.GetValues<ActivationFunction>())
        {
            foreach (var width in CodeWidths.All)
            {
                foreach (var rounding in Enum.GetValues<RoundingMode>())
                {
                    foreach (var length in s_lengths)
                        Check(
                            device, type, new DerivativeFormat(function, width, rounding) { Alpha = Alpha }, length,
                            result);
                }
            }
        }
    }

    private static void Check(
        CudaDevice device, ElementType type, DerivativeFormat format, int length, ContractResult result)
    {
        var layout = DerivativeLayout.Create(format, new PackKey(1, 2, 3), length);
        var x = SampleTensor.Draw(type, length, isRelu: false, seed: length);
        var (packed, dX) = (new byte[layout.TotalBytes], new byte[x.Length]);
        fixed (byte* source = x, codes = packed, target = dX)
        {
            DerivativePack.Run(KernelTier.Scalar, type, source, layout, codes, SerialLoop.Instance);
            ActivationGradient.Run(
                KernelTier.Scalar, type, source, length, codes, packed.Length, target, SerialLoop.Instance);
        }
        var found = DeviceCall.Run(device, [x, packed], [packed.Length, x.Length], (given, written) =>
        {
            CudaDerivatives.Pack(device.Stream, type, (void*)given[0], Alpha, layout, (byte*)written[0]);
            CudaDerivatives.Gradient(
                device.Stream, type, (void*)given[0], length, (byte*)given[1], packed.Length, (void*)written[1]);
        });
        result.Compare(found[0], packed, $"derivative pack, {type}, {length}, {format}");
        result.Compare(found[1], dX, $"activation gradient, {type}, {length}, {format}");
    }
}
