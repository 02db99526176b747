using OnnxActNN.CustomOps.Cpu.Profiling;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// The profiler on a CUDA device: the same numbers as <see cref="ActProfile"/>. The only kernel whose results the host
/// waits for.
/// </summary>
internal static unsafe class CudaActProfile
{
    private const uint Threads = 256;
    private const uint GroupsPerBlock = Threads / GroupProfiler.Lanes;

    /// <summary>Measures a tensor.</summary>
    /// <param name="stream">ONNX Runtime's stream.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="x">The elements, on the device.</param>
    /// <param name="layout">The groups.</param>
    /// <param name="selection">Which of them to look at.</param>
    /// <exception cref="OperatorException">
    /// The driver refuses the launch, or the stream is being captured: a graph that is replayed has nobody who reads
    /// the results.
    /// </exception>
    public static ProfiledGroup[] Run(
        CudaStream stream, ElementType type, void* x, PackedLayout layout, in GroupSelection selection)
    {
        if (stream.IsCapturing)
        {
            throw new OperatorException(
                "cannot be part of a CUDA graph, because the host reads what it measures. Turn the provider option "
                + "enable_cuda_graph off while profiling.");
        }
        var groups = new ProfiledGroup[selection.CountOf(layout.GroupCount)];
        if (groups.Length == 0) return groups;
        using var results = stream.AllocateOnHost((long)groups.Length * sizeof(ProfiledGroup));
        stream.Launch(
            "profile", $"act_profile_{CudaElements.NameOf(type)}", (groups.Length - 1) / GroupsPerBlock + 1, Threads,
            new ProfileArguments(layout, selection), (nint)x, results.Address);
        stream.Synchronize();
        results.CopyTo(groups.AsSpan());
        return groups;
    }
}
