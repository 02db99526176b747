using System.Numerics;

namespace OnnxActNN.CustomOps.Cpu.Masks;

/// <summary>
/// What the mask kernels need of one vector width, for elements seen as signed integers of their size. Every width
/// gives the same bits; <see cref="ScalarMaskLanes"/> is the reference. Bit i of a mask belongs to element i.
/// </summary>
internal unsafe interface IMaskLanes
{
    /// <summary>Elements that <see cref="InRange"/> takes; divides 64.</summary>
    public static abstract int TestedTogether<T>()
        where T : unmanaged;

    /// <summary>Elements that <see cref="KeepOrZero"/> and <see cref="Scale"/> take; divides 64.</summary>
    public static abstract int SelectedTogether<T>()
        where T : unmanaged;

    /// <summary>A bit per element: whether its key (see <see cref="KeyRange"/>) is from low to high.</summary>
    public static abstract ulong InRange<T>(T* x, T low, T high)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>;

    /// <summary>y = x where the mask's bit is 1, else 0. Bits above those needed are ignored.</summary>
    public static abstract void KeepOrZero<T>(T* x, ulong mask, T* y)
        where T : unmanaged, IBinaryInteger<T>;

    /// <summary>
    /// y = x · kept / divisor where the mask's bit is 1, else x · dropped / divisor; float32 in elements of 4 bytes,
    /// float64 in those of 8. Each operation is rounded.
    /// </summary>
    public static abstract void Scale<T>(T* x, ulong mask, in MaskFactors<T> factors, T* y)
        where T : unmanaged, IBinaryInteger<T>;
}
