using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.Format;

namespace OnnxActNN.GpuCheck.Contracts;

/// <summary>Packs and unpacks of all formats.</summary>
internal static unsafe class PackContract
{
    private static readonly int[] s_lengths = [0, 1, 2, 15, 16, 49, 64, 100, 196, 255, 256, 257, 1000];

    public static void Run(CudaDevice device, ElementType type, ContractResult result)
    {
        foreach (var format in PackFormats.All)
        {
            foreach (var length in s_lengths) Check(device, type, [3, length], format, result);
        }
    }

    /// <summary>Compares pack and unpack of a tensor.</summary>
    public static void Check(CudaDevice device, ElementType type, long[] dims, PackFormat format, ContractResult result)
    {
        var layout = PackedLayout.Create(dims, format);
        var count = (int)layout.ElementCount;
        var key = new PackKey(Seed: 1, TensorId: count, Run: 2);
        var x = SampleTensor.Draw(type, count, format.ZeroExact, seed: count);
        var tensor = $"{type}, {string.Join('x', dims)}, {format}";
        var (expected, packed) = (new byte[layout.TotalBytes], new byte[layout.TotalBytes]);
        fixed (byte* source = x, target = expected)
            QuantizePack.Run(KernelTier.Scalar, type, source, target, layout, key, SerialLoop.Instance);
        DeviceCodec.Pack(device, type, x, packed, layout, key);
        result.Compare(packed, expected, $"pack, {tensor}");
        foreach (var output in Enum.GetValues<UnpackOutput>())
        {
            var (reference, y) = (new byte[x.Length], new byte[x.Length]);
            fixed (byte* source = expected, target = reference)
                UnpackDequant.Run(
                    KernelTier.Scalar, type, source, expected.Length, dims, target, output, SerialLoop.Instance);
            DeviceCodec.Unpack(device, type, expected, dims, y, output);
            result.Compare(y, reference, $"unpack {output}, {tensor}");
            if (dims[1] < PackedLayout.ShortestRow) continue;
            var slice = BatchSlice.Create(1, 2);
            var (start, end) = slice.ElementsOf(dims);
            var part = reference[((int)start * ElementTypes.SizeOf(type))..((int)end * ElementTypes.SizeOf(type))];
            y = new byte[part.Length];
            DeviceCodec.Unpack(device, type, expected, dims, slice, y, output);
            result.Compare(y, part, $"unpack {output} of a slice, {tensor}");
        }
    }
}
