using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Elements;
using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;

namespace OnnxActNN.CustomOps.Cpu.Derivatives;

/// <summary>
/// The driver of DerivativePack: header, then groups, which are independent of each other. f′ is computed in float32
/// into memory of a group's size and coded from there by QuantizePack's kernels, with the function's fixed range in
/// place of the group's own.
/// </summary>
internal static unsafe class DerivativePack
{
    /// <param name="tier">Instructions to use; the bytes are the same on all.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="x">The elements, aligned to their size.</param>
    /// <param name="layout">Where everything goes.</param>
    /// <param name="packed"><see cref="DerivativeLayout.TotalBytes"/> bytes; all are written.</param>
    /// <param name="loop">Runs the groups.</param>
    internal static void Run(
        KernelTier tier, ElementType type, void* x, DerivativeLayout layout, byte* packed, IParallelLoop loop)
    {
        layout.WriteHeader(new Span<byte>(packed, DerivativeLayout.HeaderSize));
        var table = DerivativeTable.Of(layout.Format.Function);
        var packer = KernelTable.Packer(tier, ElementType.Float32, DerivativeCodes.FormatOf(layout.Format));
        var parameters = DerivativeCodes.Encoding(layout.Format);
        var tensorKey = CounterRandom.TensorKey(layout.Key);
        loop.For(layout.GroupCount, (start, end) =>
        {
            for (var index = start; index < end; index++)
            {
                var group = layout.Group(index);
                var isNumber = Pack(
                    tier, type, x, layout.Format.Alpha, table, packer, group, parameters, tensorKey, packed);
                packed[DerivativeLayout.StateOffset(index)] = isNumber
                    ? DerivativeLayout.Finite
                    : DerivativeLayout.NotANumber;
            }
        });
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Pack(
        KernelTier tier, ElementType type, void* x, float alpha, DerivativeTable table, GroupPacker packer,
        in GroupSpan group, in EncodeParameters parameters, ulong tensorKey, byte* packed)
    {
        var values = stackalloc float[DerivativeLayout.GroupElements];
        var source = type == ElementType.Float32 ? (float*)x + group.Start : Convert(type, x, group, values);
        var isNumber = table.Evaluate(tier, source, group.Length, alpha, values);
        // The packer reads elements from their places in a tensor: this one begins where the group's first lands in
        // memory.
        packer.Encode(
            values - group.Start, [group], [isNumber ? parameters : EncodeParameters.Invalid], tensorKey, packed);
        return isNumber;
    }

    private static float* Convert(ElementType type, void* x, in GroupSpan group, float* values)
    {
        switch (type)
        {
            case ElementType.Float16: Convert<Float16Element>(x, group, values); break;
            case ElementType.BFloat16: Convert<BFloat16Element>(x, group, values); break;
            default: Convert<Float64Element>(x, group, values); break;
        }
        return values;
    }

    private static void Convert<TElement>(void* x, in GroupSpan group, float* values)
        where TElement : struct, IScalarElement
    {
        for (var element = 0; element < group.Length; element++)
            values[element] = TElement.Read(x, group.Start + element);
    }
}
