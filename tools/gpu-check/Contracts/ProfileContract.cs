using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Profiling;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.Format;

namespace OnnxActNN.GpuCheck.Contracts;

/// <summary>What ActProfile measures.</summary>
internal static unsafe class ProfileContract
{
    public static void Run(CudaDevice device, ElementType type, ContractResult result)
    {
        foreach (var zeroExact in (bool[])[false, true])
        {
            var x = SampleTensor.Draw(type, 10_000, zeroExact, seed: 5);
            var layout = PackedLayout.Create(
                [10_000], new PackFormat(CodeWidth.TwoBits, zeroExact) { GroupSize = 100 });
            using var source = device.Allocate(x.Length);
            source.Write(x);
            var found = CudaActProfile.Run(device.Stream, type, source.Address, layout, GroupSelection.All);
            fixed (byte* first = x)
            {
                using var expected =
                    ActProfile.Ranges(KernelTier.Scalar, type, first, layout, GroupSelection.All, SerialLoop.Instance);
                result.Compare(
                    BytesOf([.. found.Select(group => group.ToMeasured(hasRanges: true))]),
                    BytesOf(expected.Groups.ToArray()), $"profile, {type}, {layout.Format}");
            }
        }
    }

    private static byte[] BytesOf(MeasuredGroup[] groups) => MemoryMarshal.AsBytes(groups
        .SelectMany(group => (double[])
            [group.Range.Minimum, group.Range.Maximum, group.Moments.Zeros, group.Moments.Sum, group.Moments.Squares])
                .ToArray().AsSpan())
        .ToArray();
}
