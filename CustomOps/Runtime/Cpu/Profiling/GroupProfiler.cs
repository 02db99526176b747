using OnnxActNN.CustomOps.Cpu.Elements;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Profiling;

/// <summary>
/// Sums up groups. Element i of a group is added to partial sum i mod <see cref="Lanes"/>, and the partial sums are
/// added in halves, so that vectors of any width, and none, agree in every bit. The square of a float32 is exact in
/// float64.
/// </summary>
internal abstract unsafe class GroupProfiler
{
    /// <summary>Partial sums.</summary>
    public const int Lanes = 8;

    /// <summary>The sum of the squares of one group of x.</summary>
    public abstract double SquaresOf(void* x, in GroupSpan group);

    /// <summary>The range and all sums of a group.</summary>
    public abstract MeasuredGroup Measure(void* x, in GroupSpan group);

    /// <summary>The ranges of a group's pieces, which take time.</summary>
    public abstract FineRanges PiecesOf(void* x, in GroupSpan group);

    public static GroupProfiler For(KernelTier tier, ElementType type) => type switch
    {
        ElementType.Float32 when tier != KernelTier.Scalar => new VectorProfiler(),
        ElementType.Float32 => new ScalarProfiler<Float32Element>(),
        ElementType.Float16 => new ScalarProfiler<Float16Element>(),
        ElementType.BFloat16 => new ScalarProfiler<BFloat16Element>(),
        ElementType.Float64 => new ScalarProfiler<Float64Element>(),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Only floating-point tensors can be profiled."),
    };

    /// <summary>A group of at least one element; adding +0 makes −0 the same as +0.</summary>
    protected static MeasuredGroup Describe((float Minimum, float Maximum) range, GroupMoments moments) => new(
        double.IsFinite(moments.Squares)
        ? new GroupRange(range.Minimum + 0f, range.Maximum + 0f)
        : GroupRange.NotFinite, moments);
}
