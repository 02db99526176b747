using OnnxActNN.Format;

namespace OnnxActNN.GpuCheck.Contracts;

/// <summary>Layer normalization from packed tensors and its gradient, with mean and bias and without.</summary>
internal static class LayerNormalizationContract
{
    private static readonly long[][] s_shapes = [[2, 9, 48], [3, 17, 257], [70, 5], [5, 4500]];
    private static readonly string[] s_gradients = ["gradient", "dscale", "dbias"];

    public static void Run(CudaDevice device, ContractResult result)
    {
        foreach (var dims in s_shapes)
        {
            foreach (var format in PackFormats.WithMixed)
                Check(device, dims, format with { GroupSize = 64, GroupAxis = -1 }, result);
        }
    }

    /// <summary>Compares the device with the CPU.</summary>
    public static void Check(CudaDevice device, long[] dims, PackFormat format, ContractResult result)
    {
        var count = SampleTensor.CountOf(dims);
        var columns = (int)dims[^1];
        var rows = count / columns;
        var packed = SampleTensor.Pack(dims, format, isRelu: format.ZeroExact);
        byte[] scale = Draw(columns, 1), bias = Draw(columns, 2), mean = Draw(rows, 3), inverse = Draw(rows, 4);
        foreach (var isFull in new[] { true, false })
        {
            var forward = new LayerNormalizationForward(
                dims, packed, scale, isFull ? bias : null, isFull ? mean : null, inverse);
            result.Compare(
                forward.OnDevice(device), forward.OnCpu(), $"layer normalization, {string.Join('x', dims)}, {format}");
            var dY = Draw(count, 5);
            var gradient = new LayerNormalizationGradient(dims, packed, dY, scale, isFull ? mean : null, inverse);
            CompareGradients(gradient, device, result, $"{string.Join('x', dims)}, {format}");
        }
    }

    private static void CompareGradients(
        LayerNormalizationGradient gradient, CudaDevice device, ContractResult result, string tensor)
    {
        var (found, expected) = (gradient.OnDevice(device, inPlace: true), gradient.OnCpu());
        for (var i = 0; i < s_gradients.Length; i++)
            result.Compare(found[i], expected[i], $"layer normalization's {s_gradients[i]}, {tensor}");
    }

    private static byte[] Draw(int count, int seed) =>
        SampleTensor.Draw(ElementType.Float32, count, isRelu: false, seed);
}
