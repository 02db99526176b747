using OnnxActNN.Format;

namespace OnnxActNN.GpuCheck.Contracts;

/// <summary>Packed tensors whose groups have widths of their own.</summary>
internal static class MixedContract
{
    private static readonly long[][] s_shapes = [[1, 7], [40, 130], [9, 257], [3, 1000]];

    /// <summary>Planes of one group and of several.</summary>
    private static readonly long[][] s_planes = [[5, 3, 6, 7], [40, 6, 15, 15], [1, 1, 7, 40]];

    /// <summary>More groups than a thread block places at once, and than it keeps numbers of.</summary>
    private static readonly long[] s_manyGroups = [9000, 16];

    public static void Run(CudaDevice device, ElementType type, ContractResult result)
    {
        foreach (var format in PackFormats.Mixed)
        {
            foreach (var dims in s_shapes) PackContract.Check(device, type, dims, format, result);
            if (format.ZeroExact) MaskContract.CheckCodes(device, type, s_shapes[1], format, result);
        }
        foreach (var format in PackFormats.Ordered)
        {
            foreach (var dims in s_planes) PackContract.Check(device, type, dims, format, result);
        }
        PackContract.Check(device, type, s_manyGroups, PackFormats.Mixed.First(), result);
    }
}
