using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.Format;

namespace OnnxActNN.GpuCheck;

/// <summary>Every kernel of the packs on the device against the scalar reference, byte for byte.</summary>
internal static unsafe class ContractCheck
{
    private static readonly int[] s_lengths = [0, 1, 2, 15, 16, 49, 64, 100, 196, 255, 256, 257, 1000];

    /// <summary>Checks all kernels; says what is wrong on the writer.</summary>
    public static ContractResult Run(CudaDevice device, TextWriter log)
    {
        var result = new ContractResult();
        foreach (var type in Enum.GetValues<ElementType>())
        {
            foreach (var format in PackFormats.All)
            {
                foreach (var length in s_lengths)
                    Check(device, type, format, length, result, log);
            }
        }
        return result;
    }

    private static void Check(
        CudaDevice device, ElementType type, PackFormat format, int length, ContractResult result, TextWriter log)
    {
        long[] dims = [3, length];
        var layout = PackedLayout.Create(dims, format);
        var key = new PackKey(Seed: 1, TensorId: length, Run: 2);
        var x = SampleTensor.Draw(type, 3 * length, format.ZeroExact, seed: length);
        var (expected, packed) = (new byte[layout.TotalBytes], new byte[layout.TotalBytes]);
        fixed (byte* source = x, target = expected)
            QuantizePack.Run(KernelTier.Scalar, type, source, target, layout, key, SerialLoop.Instance);
        DeviceCodec.Pack(device, type, x, packed, layout, key);
        Count(packed.AsSpan().SequenceEqual(expected), "pack", type, format, length, result, log);
        foreach (var output in Enum.GetValues<UnpackOutput>())
        {
            var (reference, y) = (new byte[x.Length], new byte[x.Length]);
            fixed (byte* source = expected, target = reference)
                UnpackDequant.Run(KernelTier.Scalar, type, source, expected.Length, dims, target, output, SerialLoop.Instance);
            DeviceCodec.Unpack(device, type, expected, dims, y, output);
            Count(y.AsSpan().SequenceEqual(reference), $"unpack {output}", type, format, length, result, log);
        }
    }

    private static void Count(
        bool isSame, string kernel, ElementType type, PackFormat format, int length, ContractResult result, TextWriter log)
    {
        result.Checks++;
        if (isSame) return;
        result.Failures++;
        log.WriteLine($"differs from the CPU: {kernel}, {type}, 3 x {length}, {format}");
    }
}
