using System.Runtime.CompilerServices;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>
/// What turns a value of a group into a code: q = round((x − Minimum) · Scale) is the code with m fraction bits.
/// </summary>
/// <param name="Minimum">The stored minimum, or −step for zero-exact tensors.</param>
/// <param name="Scale">2^m / step, 0 when the step is 0; NaN where the group cannot be coded.</param>
internal readonly record struct EncodeParameters(float Minimum, float Scale)
{
    public static EncodeParameters Invalid => new(0, float.NaN);

    /// <summary>Whether the group can be coded; if not, all its codes are 0 and its step NaN.</summary>
    public bool IsValid
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => !float.IsNaN(Scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EncodeParameters Create(float minimum, float step, int fractionBits) =>
        new(minimum, step == 0 ? 0 : (1 << fractionBits) / step);
}
