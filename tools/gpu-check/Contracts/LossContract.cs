using OnnxActNN.CustomOps.Cpu.Losses;
using OnnxActNN.Format;

namespace OnnxActNN.GpuCheck.Contracts;

/// <summary>
/// The gradient of a loss from packed probabilities: classes beside each other and apart, with every reduction.
/// </summary>
internal static class LossContract
{
    private const long Ignored = -100;
    private static readonly long[][] s_shapes = [[16, 1000], [1200, 10], [2, 21, 17, 17], [1, 1]];

    public static void Run(CudaDevice device, ContractResult result)
    {
        foreach (var dims in s_shapes)
        {
            foreach (var format in PackFormats.WithMixed.Where(format => !format.ZeroExact))
                Check(device, dims, format with { GroupAxis = -1 }, result);
        }
    }

    /// <summary>Compares the device with the CPU.</summary>
    public static void Check(CudaDevice device, long[] dims, PackFormat format, ContractResult result)
    {
        var count = SampleTensor.CountOf(dims);
        var packed = SampleTensor.Pack(dims, format, isRelu: true);
        var random = new Random(count);
        var labels = new long[count / dims[1]];
        for (var i = 0; i < labels.Length; i++) labels[i] = i % 5 == 3 ? Ignored : random.NextInt64(dims[1]);
        foreach (var reduction in Enum.GetValues<LossReduction>())
        {
            var dY = SampleTensor.DrawNumbers(reduction == LossReduction.None ? labels.Length : 1, seed: 2);
            foreach (var weights in new[] { [], SampleTensor.DrawNumbers((int)dims[1], seed: 3) })
            {
                var gradient = new LossGradient(
                    new LabelFactors(reduction, Ignored), dims, packed, labels, weights, dY);
                var expected = gradient.OnCpu();
                foreach (var areWide in new[] { false, true })
                {
                    result.Compare(
                        gradient.OnDevice(device, areWide), expected,
                        $"gradient of cross entropy, {reduction}, {string.Join('x', dims)}, {format}");
                }
            }
        }
    }
}
