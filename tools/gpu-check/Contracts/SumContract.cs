using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Sums;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.Format;

namespace OnnxActNN.GpuCheck.Contracts;

/// <summary>Sums of tensors.</summary>
internal static unsafe class SumContract
{
    private static readonly int[] s_lengths = [1, 4, 1023, 100_003];

    public static void Run(CudaDevice device, ContractResult result)
    {
        foreach (var length in s_lengths) Compare(device, SumLayout.Whole(length), result);
        Compare(device, new SumLayout(Samples: 3, SampleElements: 1001, OtherElements: 2005, First: 7), result);
    }

    private static void Compare(CudaDevice device, SumLayout layout, ContractResult result)
    {
        var a = SampleTensor.Draw(ElementType.Float32, (int)layout.Count, isRelu: false, seed: 1);
        var others = (int)(layout.Samples * layout.OtherElements);
        var b = SampleTensor.Draw(ElementType.Float32, others, isRelu: false, seed: 2);
        var sum = new byte[a.Length];
        fixed (byte* left = a, right = b, target = sum)
            Addition.Run((float*)left, (float*)right, (float*)target, layout, SerialLoop.Instance);
        var found = DeviceCall.Run(device, [a, b], [sum.Length], (given, written) =>
            CudaSums.Add(device.Stream, (void*)given[0], (void*)given[1], (void*)written[0], layout))[0];
        result.Compare(found, sum, $"sum, {layout}");
    }
}
