using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu.Sums;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>What the kernel add_in_place takes besides the tensors; SumArguments in Kernels/sums.cu.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct SumArguments(SumLayout layout)
{
    public readonly long Count = layout.Count;
    public readonly long SampleElements = layout.SampleElements;
    public readonly long OtherElements = layout.OtherElements;
    public readonly long First = layout.First;
}
