using OnnxActNN.CustomOps.Cpu.Elements;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Profiling;

/// <summary>
/// Sums up groups. Element i of a group is added to partial sum i mod <see cref="Lanes"/>, and the partial sums are added in
/// halves, so that vectors of any width, and none, agree in every bit. The square of a float32 is exact in float64.
/// </summary>
internal abstract unsafe class GroupProfiler
{
    /// <summary>Partial sums.</summary>
    public const int Lanes = 8;

    /// <summary>The sums of one group of x.</summary>
    public abstract GroupMoments Measure(void* x, in GroupSpan group);

    /// <summary>The same with the range, and, where asked for, those of the group's pieces, which take time.</summary>
    public abstract MeasuredGroup MeasureRanges(void* x, in GroupSpan group, bool withPieces, out FineRanges fine);

    public static GroupProfiler For(KernelTier tier, ElementType type) => type switch
    {
        ElementType.Float32 when tier != KernelTier.Scalar => new VectorProfiler(),
        ElementType.Float32 => new ScalarProfiler<Float32Element>(),
        ElementType.Float16 => new ScalarProfiler<Float16Element>(),
        ElementType.BFloat16 => new ScalarProfiler<BFloat16Element>(),
        ElementType.Float64 => new ScalarProfiler<Float64Element>(),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Only floating-point tensors can be profiled."),
    };

    /// <summary>The range of no element.</summary>
    protected static (float Minimum, float Maximum) EmptyRange => (float.PositiveInfinity, float.NegativeInfinity);

    /// <summary>A group of at least one element; adding +0 makes −0 the same as +0.</summary>
    protected static MeasuredGroup Describe((float Minimum, float Maximum) range, GroupMoments moments) => new(
        double.IsFinite(moments.Squares) ? new GroupRange(range.Minimum + 0f, range.Maximum + 0f, true) : GroupRange.NotFinite, moments);

    /// <summary>Adds the partial sums in halves.</summary>
    protected static double Total(Span<double> lanes)
    {
        for (var half = Lanes / 2; half > 0; half /= 2)
        {
            for (var lane = 0; lane < half; lane++) lanes[lane] += lanes[lane + half];
        }
        return lanes[0];
    }
}
