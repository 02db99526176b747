using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Profiling;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>What the device measured of one group; ProfiledGroup in Kernels/profile.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct ProfiledGroup
{
    public readonly double Sum;
    public readonly double Squares;
    public readonly float Minimum;
    public readonly float Maximum;
    public readonly uint Zeros;

    /// <summary>NaN and infinities.</summary>
    public readonly uint NonFinite;

    /// <summary>The same as the CPU measures it.</summary>
    public MeasuredGroup ToMeasured(bool hasRanges)
    {
        if (!hasRanges) return MeasuredGroup.OfSquares(Squares);
        var range = NonFinite > 0 ? GroupRange.NotFinite : new GroupRange(Minimum, Maximum);
        return new MeasuredGroup(range, new GroupMoments(Zeros, Sum, Squares));
    }
}
