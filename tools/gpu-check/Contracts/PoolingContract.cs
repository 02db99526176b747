using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Pooling;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.Format;

namespace OnnxActNN.GpuCheck.Contracts;

/// <summary>Pooling indices and gradients from them: overlapping windows of 3 × 3 on planes of 33 × 20.</summary>
internal static unsafe class PoolingContract
{
    private static readonly long[] s_x = [2, 3, 33, 20];
    private static readonly long[] s_y = [2, 3, 16, 9];

    public static void Run(CudaDevice device, ElementType type, ContractResult result)
    {
        var layout = IndexLayout.Create(s_y, new PoolingWindow([3, 3], [2, 2], [1, 1], [0, 0, 0, 0]));
        var indices = DrawIndices();
        var dY = SampleTensor.Draw(type, indices.Length, isRelu: false, seed: 3);
        var packed = new byte[layout.TotalBytes];
        var dX = new byte[s_x[0] * s_x[1] * s_x[2] * s_x[3] * ElementTypes.SizeOf(type)];
        fixed (long* source = indices)
        fixed (byte* gradient = dY, codes = packed, target = dX)
        {
            IndexPack.Run(source, layout, s_x.AsSpan(2), s_y.AsSpan(2), codes, SerialLoop.Instance);
            MaxPoolGradient.Run(type, gradient, s_y, codes, packed.Length, target, s_x, SerialLoop.Instance);
        }
        var found = DeviceCall.Run(
            device, [MemoryMarshal.AsBytes(indices.AsSpan()).ToArray(), dY, packed], [packed.Length, dX.Length],
            (given, written) =>
            {
                CudaPooling.Pack(device.Stream, (long*)given[0], layout, s_x, s_y, (byte*)written[0]);
                CudaPooling.Gradient(
                    device.Stream, type, (void*)given[1], s_y, (byte*)given[2], packed.Length, (void*)written[1], s_x);
            });
        result.Compare(found[0], packed, "pooling indices");
        result.Compare(found[1], dX, $"pooling gradient, {type}");
        foreach (var fromFirst in new[] { false, true }) ComparePool(device, type, layout, fromFirst, result);
    }

    private static void ComparePool(
        CudaDevice device, ElementType type, IndexLayout layout, bool fromFirst, ContractResult result)
    {
        var x = SampleTensor.Draw(type, (int)(s_x[0] * s_x[1] * s_x[2] * s_x[3]), isRelu: true, seed: 5);
        var (packed, y) =
            (new byte[layout.TotalBytes], new byte[s_y[0] * s_y[1] * s_y[2] * s_y[3] * ElementTypes.SizeOf(type)]);
        fixed (byte* source = x, codes = packed, target = y)
        {
            MaxPoolIndexPack.Run(
                type, source, layout, s_x.AsSpan(2), s_y.AsSpan(2), fromFirst, codes, target, SerialLoop.Instance);
        }
        var found = DeviceCall.Run(device, [x], [packed.Length, y.Length], (given, written) =>
            CudaPooling.Pool(
                device.Stream, type, (void*)given[0], layout, s_x, s_y, fromFirst, (byte*)written[0],
                (void*)written[1]));
        result.Compare(found[0], packed, $"indices of a pool, {type}");
        result.Compare(found[1], y, $"pool, {type}");
    }

    private static long[] DrawIndices()
    {
        var random = new Random(4);
        var (plane, rows, columns) = (s_x[2] * s_x[3], s_y[2], s_y[3]);
        var indices = new long[s_y[0] * s_y[1] * rows * columns];
        for (var i = 0; i < indices.Length; i++)
        {
            var (row, column) = (i / columns % rows * 2 + random.Next(3), i % columns * 2 + random.Next(3));
            indices[i] = i / (rows * columns) * plane + row * s_x[3] + column;
        }
        return indices;
    }
}
