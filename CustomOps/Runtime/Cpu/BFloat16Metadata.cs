using System.Runtime.CompilerServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>Minimum rounded down and step rounded up to bfloat16; the step alone where the minimum is known.</summary>
internal sealed unsafe class BFloat16Metadata(PackedLayout layout, in GroupSection section, ElementType type)
    : MetadataCodec(layout, section, type)
{
    /// <summary>2^−110: below it 2^m / step would overflow.</summary>
    private const float SmallestStep = 7.70371978e-34f;

    private const ushort NotANumber = 0x7fc0;

    /// <summary>So many elements stay in the first-level cache until they are encoded.</summary>
    private const long ElementsTogether = 2048;

    /// <inheritdoc/>
    /// <remarks>
    /// Nothing forces more than one; but one group's range takes long to be known, and several take hardly longer.
    /// </remarks>
    public override int GroupsTogether { get; } =
        (int)Math.Clamp(ElementsTogether * layout.GroupsPerRow / Math.Max(1, layout.RowLength), 1, PackedLayout.GroupsPerBlock);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Write(
        byte* packed, long firstGroup, ReadOnlySpan<GroupRange> ranges, Span<EncodeParameters> parameters)
    {
        var metadata = (ushort*)(packed + Section.MetadataOffset + firstGroup * BytesPerGroup);
        for (var i = 0; i < ranges.Length; i++)
        {
            parameters[i] = Choose(ranges[i], out var minimum, out var step);
            if (!HasStepAlone)
                *metadata++ = minimum;
            *metadata++ = step;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Read(byte* packed, long firstGroup, Span<DecodeParameters> parameters)
    {
        var metadata = (ushort*)(packed + Section.MetadataOffset + firstGroup * BytesPerGroup);
        for (var i = 0; i < parameters.Length; i++)
        {
            var minimum = HasStepAlone ? 0 : Widen(*metadata++);
            var step = Widen(*metadata++);
            parameters[i] = CreateDecode(ZeroExact ? -step : minimum, step);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private EncodeParameters Choose(in GroupRange range, out ushort minimum, out ushort step)
    {
        minimum = step = NotANumber;
        if (!range.IsFinite)
            return EncodeParameters.Invalid;
        var storedMinimum = HasStepAlone ? (ushort)0 : RoundDown(range.Minimum);
        var exactStep = (range.Maximum - Widen(storedMinimum)) / Steps;
        var storedStep = exactStep > 0 ? RoundUp(Math.Max(exactStep, SmallestStep)) : (ushort)0;
        var usedMinimum = ZeroExact ? -Widen(storedStep) : Widen(storedMinimum);
        if (!CanDecode(usedMinimum, Widen(storedStep)))
            return EncodeParameters.Invalid;
        (minimum, step) = (storedMinimum, storedStep);
        return EncodeParameters.Create(usedMinimum, Widen(storedStep), FractionBits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Widen(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ushort RoundDown(float x)
    {
        var bits = BitConverter.SingleToUInt32Bits(x);
        return (ushort)((x < 0 ? bits + 0xffff : bits) >> 16);
    }

    /// <summary>Rounds a value ≥ 0 up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ushort RoundUp(float x) => (ushort)((BitConverter.SingleToUInt32Bits(x) + 0xffff) >> 16);
}
