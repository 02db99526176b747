using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OnnxActNN.CustomOps.Cpu.Elements;
using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;

namespace OnnxActNN.CustomOps.Cpu.Derivatives;

/// <summary>
/// The driver of ActivationGradFromCodes: dX = dY · f′. Each group's f′ is decoded into memory of a group's size and
/// multiplied while it is in the cache; so dX may be dY's own buffer. The product is rounded to the type once; float64
/// is multiplied in float64.
/// </summary>
internal static unsafe class ActivationGradient
{
    /// <param name="tier">Instructions to use; the bits are the same on all.</param>
    /// <param name="type">Type of the gradients.</param>
    /// <param name="dY">The gradient, aligned to its elements' size.</param>
    /// <param name="count">Its elements.</param>
    /// <param name="packed">A packed derivative. Any bytes are safe.</param>
    /// <param name="packedBytes">Bytes at <paramref name="packed"/>.</param>
    /// <param name="dX">Room for all elements, or dY itself; all are written.</param>
    /// <param name="loop">Runs the groups.</param>
    /// <exception cref="PackedFormatException">
    /// The buffer is no derivative of so many elements; nothing was written.
    /// </exception>
    internal static void Run(
        KernelTier tier, ElementType type, void* dY, long count, byte* packed, long packedBytes, void* dX,
        IParallelLoop loop)
    {
        var header = new ReadOnlySpan<byte>(packed, (int)Math.Clamp(packedBytes, 0, DerivativeLayout.HeaderSize));
        var layout = DerivativeLayout.Read(header, packedBytes, count);
        var unpacker = KernelTable.Unpacker(
            tier, ElementType.Float32, DerivativeCodes.FormatOf(layout.Format), UnpackOutput.Value);
        var parameters = DerivativeCodes.Decoding(layout.Format);
        var tensorKey = CounterRandom.TensorKey(layout.Key);
        loop.For(layout.GroupCount, (start, end) =>
        {
            for (var index = start; index < end; index++)
            {
                var isNumber = packed[DerivativeLayout.StateOffset(index)] == DerivativeLayout.Finite;
                var decoding = isNumber ? parameters : parameters with { Offset = float.NaN };
                Multiply(type, dY, layout.Group(index), unpacker, decoding, tensorKey, packed, dX);
            }
        });
    }

    [SkipLocalsInit]
    private static void Multiply(
        ElementType type, void* dY, in GroupSpan group, GroupUnpacker unpacker, in DecodeParameters parameters,
        ulong tensorKey, byte* packed, void* dX)
    {
        var factors = stackalloc float[DerivativeLayout.GroupElements];
        // The unpacker writes elements to their places in a tensor: this one begins where the group's first lands in
        // memory.
        unpacker.Decode(packed, [group], [parameters], tensorKey, factors - group.Start);
        var (start, count) = (group.Start, group.Length);
        switch (type)
        {
            case ElementType.Float32: Multiply((float*)dY + start, factors, count, (float*)dX + start); break;
            case ElementType.Float64: Multiply((double*)dY + start, factors, count, (double*)dX + start); break;
            case ElementType.Float16: Multiply((Half*)dY + start, factors, count, (Half*)dX + start); break;
            default: Multiply((BFloat16*)dY + start, factors, count, (BFloat16*)dX + start); break;
        }
    }

    private static void Multiply(float* dY, float* factors, int count, float* dX)
    {
        var element = 0;
        for (; element <= count - Vector512<float>.Count; element += Vector512<float>.Count)
            (Vector512.Load(dY + element) * Vector512.Load(factors + element)).Store(dX + element);
        for (; element < count; element++) dX[element] = dY[element] * factors[element];
    }

    private static void Multiply(double* dY, float* factors, int count, double* dX)
    {
        for (var element = 0; element < count; element++) dX[element] = dY[element] * factors[element];
    }

    private static void Multiply(Half* dY, float* factors, int count, Half* dX)
    {
        for (var element = 0; element < count; element++) dX[element] = (Half)((float)dY[element] * factors[element]);
    }

    private static void Multiply(BFloat16* dY, float* factors, int count, BFloat16* dX)
    {
        for (var element = 0; element < count; element++)
            dX[element] = BFloat16.Round((float)dY[element] * factors[element]);
    }
}
