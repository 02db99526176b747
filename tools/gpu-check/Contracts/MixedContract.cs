using OnnxActNN.Format;

namespace OnnxActNN.GpuCheck.Contracts;

/// <summary>Packed tensors whose groups have widths of their own.</summary>
internal static class MixedContract
{
    private static readonly long[][] s_shapes = [[1, 7], [40, 130], [9, 257], [3, 1000]];

    /// <summary>More groups than a thread block places at once, and than it keeps numbers of.</summary>
    private static readonly long[] s_manyGroups = [9000, 16];

    public static void Run(CudaDevice device, ElementType type, ContractResult result)
    {
        foreach (var format in PackFormats.Mixed)
        {
            foreach (var dims in s_shapes) PackContract.Check(device, type, dims, format, result);
            if (format.ZeroExact) MaskContract.CheckCodes(device, type, s_shapes[1], format, result);
        }
        PackContract.Check(device, type, s_manyGroups, PackFormats.Mixed.First(), result);
    }
}
