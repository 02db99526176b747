using System.Diagnostics.CodeAnalysis;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>
/// The one place that asks which instructions there are. Code compiled ahead of time for a given instruction set
/// answers for that set, not for the machine: a native library needs one build for each tier it is to have.
/// </summary>
internal static class KernelTiers
{
    private const string VectorSwitch = "OnnxActNN.VectorKernels";

    /// <summary>
    /// Whether there are other kernels than the scalar ones. A program that is compiled ahead of time and has little
    /// use for the CPU's leaves them out by setting this runtime option to false, with trimming.
    /// </summary>
    [FeatureSwitchDefinition(VectorSwitch)]
    public static bool HasVectors => !AppContext.TryGetSwitch(VectorSwitch, out var isOn) || isOn;

    /// <summary>The fastest tier that this process can use.</summary>
    public static KernelTier Current { get; } = Best();

    /// <summary>Whether this process can use the tier.</summary>
    public static bool IsSupported(KernelTier tier) => tier switch
    {
        KernelTier.Scalar => true,
        _ when !HasVectors => false,
        KernelTier.Vector128 => Vector128.IsHardwareAccelerated,
        KernelTier.Avx2 => Avx2.IsSupported,
        KernelTier.Avx512 => Vector512.IsHardwareAccelerated && Avx512BW.VL.IsSupported,
        _ => false,
    };

    private static KernelTier Best()
    {
        var tier = KernelTier.Avx512;
        while (!IsSupported(tier))
            tier--;
        return tier;
    }
}
