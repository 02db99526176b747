namespace OnnxActNN.GpuCheck.Contracts;

/// <summary>
/// Batch normalization in training, beside its input and over it: channels in and out of packets, planes of any
/// alignment.
/// </summary>
internal static class InPlaceNormalizationContract
{
    private static readonly string[] s_results = ["Y", "running mean", "running variance", "mean", "inverse deviation"];
    private static readonly long[][] s_shapes = [[4, 6, 7, 7], [40, 5, 14, 14], [2, 8, 56, 56], [3, 3, 33], [64, 10]];

    public static void Run(CudaDevice device, ContractResult result)
    {
        foreach (var dims in s_shapes)
        {
            var channels = (int)dims[1];
            var x = SampleTensor.DrawNumbers(SampleTensor.CountOf(dims), seed: channels);
            float[][] numbers =
                [.. Enumerable.Range(1, 4).Select(seed => SampleTensor.DrawNumbers(channels, seed))];
            for (var offset = 0; offset < 4; offset++)
            {
                var normalization = new InPlaceNormalization(dims, x, numbers, offset: offset);
                var expected = normalization.OnCpu();
                foreach (var inPlace in new[] { false, true })
                {
                    var found = normalization.OnDevice(device, inPlace);
                    var tensor = $"batch normalization in place, {string.Join('x', dims)}";
                    for (var i = 0; i < expected.Length; i++)
                        result.Compare(found[i], expected[i], $"{tensor}: {s_results[i]}");
                }
            }
        }
    }
}
