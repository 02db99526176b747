using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Profiling;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Tests.Cpu;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cuda;

/// <summary>What the profiler measures on the device is what it measures on the CPU, in every bit.</summary>
public sealed unsafe class CudaActProfileTests
{
    public CudaActProfileTests() => EmulatedCuda.Require();

    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    [InlineData(ElementType.Float64)]
    public void Groups_are_measured_as_on_the_CPU(ElementType type) => Check(type);

    [Fact]
    public void Numbers_that_are_none_are_counted()
    {
        double[] values = [.. TestTensor.Draw(300, isRelu: false, seed: 4)];
        (values[3], values[40], values[41], values[299]) =
            (double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.NaN);
        var layout = PackedLayout.Create(
            [values.Length], new PackFormat(CodeWidth.TwoBits, zeroExact: false) { GroupSize = 100 });
        var groups = Run(
            ElementType.Float32, TestTensor.ToBytes(values, ElementType.Float32), layout, GroupSelection.All);
        groups.Select(group => group.NonFinite).Should().Equal(3, 0, 1);
        foreach (var hasRanges in (bool[])[true, false])
            groups.Select(group => group.ToMeasured(hasRanges).Range.IsFinite).Should().Equal(false, true, false);
    }

    [Fact]
    public void A_stream_that_is_being_captured_is_refused()
    {
        var device = EmulatedCuda.Device;
        var layout = PackedLayout.Create([100], new PackFormat(CodeWidth.TwoBits, zeroExact: false));
        using var x = device.Allocate(400);
        CudaDriverTests.Capture(device, true);
        try
        {
            var profile = () =>
                CudaActProfile.Run(device.Stream, ElementType.Float32, x.Address, layout, GroupSelection.All);
            profile.Should().Throw<OperatorException>().WithMessage("*CUDA graph*enable_cuda_graph*");
        }
        finally
        {
            CudaDriverTests.Capture(device, false);
        }
    }

    /// <summary>Compares the device with the CPU.</summary>
    internal static void Check(ElementType type)
    {
        foreach (var (length, every, offset) in ((int, int, long)[])[(0, 1, 0), (1, 1, 0), (7, 1, 0), (300, 1, 0),
            (5000, 1, 0), (5000, 3, 2)])
        {
            foreach (var zeroExact in (bool[])[false, true])
            {
                var x = TestTensor.ToBytes(TestTensor.Draw(length, zeroExact, seed: length + 1), type);
                var layout = PackedLayout.Create(
                    [length], new PackFormat(CodeWidth.TwoBits, zeroExact) { GroupSize = 100 });
                var selection = new GroupSelection(every, offset);
                foreach (var hasRanges in (bool[])[true, false])
                {
                    Run(type, x, layout, selection).Select(group => group.ToMeasured(hasRanges))
                        .Should().Equal(OnCpu(type, x, layout, selection, hasRanges));
                }
            }
        }
    }

    private static ProfiledGroup[] Run(ElementType type, byte[] x, PackedLayout layout, GroupSelection selection)
    {
        var device = EmulatedCuda.Device;
        using var source = device.Allocate(x.Length);
        source.Write(x);
        return CudaActProfile.Run(device.Stream, type, source.Address, layout, selection);
    }

    private static MeasuredGroup[] OnCpu(
        ElementType type, byte[] x, PackedLayout layout, GroupSelection selection, bool hasRanges)
    {
        fixed (byte* source = x)
        {
            using var measured = hasRanges
                ? ActProfile.Ranges(KernelTier.Scalar, type, source, layout, selection, SerialLoop.Instance)
                : ActProfile.Squares(KernelTier.Scalar, type, source, layout, selection, SerialLoop.Instance);
            return measured.Groups.ToArray();
        }
    }
}
