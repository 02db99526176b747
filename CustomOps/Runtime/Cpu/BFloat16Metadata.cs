using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>Minimum rounded down and step rounded up to bfloat16; the step alone where the minimum is known.</summary>
internal sealed unsafe class BFloat16Metadata(PackedLayout layout, in GroupSection section, ElementType type)
    : MetadataCodec(layout, section, type)
{
    /// <summary>2^−110: below it 2^m / step would overflow.</summary>
    private const float SmallestStep = 7.70371978e-34f;

    private const uint NotANumber = 0x7fc0;

    /// <summary>Groups whose metadata are chosen at once.</summary>
    private const int Together = 8;

    /// <summary>Elements of so many bytes stay in the first-level cache until they are encoded.</summary>
    private const long BytesTogether = 16 * 1024;

    /// <inheritdoc/>
    /// <remarks>
    /// Nothing forces more than one; but one group's range takes long to be known, and several take hardly longer.
    /// </remarks>
    public override int GroupsTogether { get; } =
        (int)Math.Clamp(
            BytesTogether / ElementTypes.SizeOf(type) * layout.GroupsPerRow / Math.Max(1, layout.RowLength), 1,
            PackedLayout.GroupsPerBlock);

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Write(
        byte* packed, long firstGroup, ReadOnlySpan<GroupRange> ranges, Span<EncodeParameters> parameters)
    {
        var metadata = packed + Section.MetadataOffset + firstGroup * BytesPerGroup;
        var group = 0;
        for (; group + Together <= ranges.Length; group += Together)
            Choose(ranges.Slice(group, Together), parameters.Slice(group, Together), metadata + group * BytesPerGroup);
        var rest = ranges.Length - group;
        if (rest == 0)
            return;
        Span<GroupRange> lastRanges = stackalloc GroupRange[Together];
        Span<EncodeParameters> lastParameters = stackalloc EncodeParameters[Together];
        var lastMetadata = stackalloc byte[Together * 2 * sizeof(ushort)];
        lastRanges.Clear();
        ranges[group..].CopyTo(lastRanges);
        Choose(lastRanges, lastParameters, lastMetadata);
        lastParameters[..rest].CopyTo(parameters[group..]);
        new Span<byte>(lastMetadata, rest * BytesPerGroup)
            .CopyTo(new Span<byte>(metadata + group * BytesPerGroup, rest * BytesPerGroup));
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

    /// <summary>Writes what is stored for eight groups, and says how to encode them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Choose(ReadOnlySpan<GroupRange> ranges, Span<EncodeParameters> parameters, byte* metadata)
    {
        var numbers = MemoryMarshal.Cast<GroupRange, ulong>(ranges);
        var (first, second) = (Vector256.Create(numbers), Vector256.Create(numbers[Vector256<ulong>.Count..]));
        var lowest = Vector256.Narrow(first, second).AsSingle();
        var maximum = Vector256.Narrow(first >>> 32, second >>> 32).AsSingle();
        var storedMinimum = HasStepAlone ? Vector256<uint>.Zero : RoundDown(lowest);

        var exactStep = (maximum - Widen(storedMinimum)) / Vector256.Create((float)Steps);
        var storedStep = RoundUp(Vector256.Max(exactStep, Vector256.Create(SmallestStep)))
            & Vector256.GreaterThan(exactStep, Vector256<float>.Zero).AsUInt32();
        var step = Widen(storedStep);
        var minimum = ZeroExact ? -step : Widen(storedMinimum);
        var isValid = Vector256.Equals(maximum, maximum).AsUInt32() & CanDecode(minimum, step);
        var hasStep = Vector256.GreaterThan(step, Vector256<float>.Zero);
        var scale = (Vector256.Create((float)(1 << FractionBits)) / step & hasStep).AsUInt32();

        // NaN where the group is not valid.
        scale |= ~isValid;
        var target = MemoryMarshal.Cast<EncodeParameters, ulong>(parameters);
        (Vector256.WidenLower(minimum.AsUInt32()) | Vector256.WidenLower(scale) << 32).CopyTo(target);
        (Vector256.WidenUpper(minimum.AsUInt32()) | Vector256.WidenUpper(scale) << 32)
            .CopyTo(target[Vector256<ulong>.Count..]);
        storedMinimum = Vector256.ConditionalSelect(isValid, storedMinimum, Vector256.Create(NotANumber));
        storedStep = Vector256.ConditionalSelect(isValid, storedStep, Vector256.Create(NotANumber));
        if (HasStepAlone)
            Vector128.Narrow(storedStep.GetLower(), storedStep.GetUpper()).Store((ushort*)metadata);
        else
            (storedMinimum | storedStep << 16).Store((uint*)metadata);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Widen(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Widen(Vector256<uint> bits) => (bits << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> RoundDown(Vector256<float> x)
    {
        var isNegative = Vector256.LessThan(x, Vector256<float>.Zero).AsUInt32();
        return (x.AsUInt32() + (isNegative & Vector256.Create(0xffffu))) >>> 16;
    }

    /// <summary>Rounds values ≥ 0 up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> RoundUp(Vector256<float> x) => (x.AsUInt32() + Vector256.Create(0xffffu)) >>> 16;
}
