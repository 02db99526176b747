using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu.Profiling;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>What the kernels act_profile_* take besides the tensors; ProfileArguments in Kernels/profile.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct ProfileArguments(PackedLayout layout, GroupSelection selection)
{
    public readonly LayoutArguments Layout = new(layout);
    public readonly long Every = selection.Every;
    public readonly long Offset = selection.Offset;
    public readonly long Count = selection.CountOf(layout.GroupCount);
    public readonly long IsOfMagnitudes = layout.Format.HasStepAlone ? 1 : 0;
}
