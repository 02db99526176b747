using OnnxActNN.CustomOps.Cpu.Elements;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Profiling;

/// <summary>Counts NaN and infinities in a group that is known to have some.</summary>
internal static unsafe class NonFinite
{
    public static long Count(ElementType type, void* x, in GroupSpan group) => type switch
    {
        ElementType.Float32 => Count<Float32Element>(x, group),
        ElementType.Float16 => Count<Float16Element>(x, group),
        ElementType.BFloat16 => Count<BFloat16Element>(x, group),
        ElementType.Float64 => Count<Float64Element>(x, group),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Only floating-point tensors can be profiled."),
    };

    private static long Count<TElement>(void* x, in GroupSpan group)
        where TElement : struct, IScalarElement
    {
        long count = 0;
        for (var i = group.Start; i < group.Start + group.Length; i++)
            count += float.IsFinite(TElement.Read(x, i)) ? 0 : 1;
        return count;
    }
}
