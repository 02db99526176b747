using System.Runtime.CompilerServices;
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

    /// <summary>So many elements stay in the first-level cache until they are encoded.</summary>
    private const long ElementsTogether = 2048;

    /// <inheritdoc/>
    /// <remarks>
    /// Nothing forces more than one; but one group's range takes long to be known, and several take hardly longer.
    /// </remarks>
    public override int GroupsTogether { get; } =
        (int)Math.Clamp(
            ElementsTogether * layout.GroupsPerRow / Math.Max(1, layout.RowLength), 1, PackedLayout.GroupsPerBlock);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Write(
        byte* packed, long firstGroup, ReadOnlySpan<GroupRange> ranges, Span<EncodeParameters> parameters)
    {
        var metadata = (ushort*)(packed + Section.MetadataOffset + firstGroup * BytesPerGroup);
        for (var i = 0; i < ranges.Length; i += Vector128<float>.Count)
        {
            var count = Math.Min(Vector128<float>.Count, ranges.Length - i);
            var (minimum, step) = Choose(ranges.Slice(i, count), parameters.Slice(i, count));
            for (var k = 0; k < count; k++)
            {
                if (!HasStepAlone)
                    *metadata++ = (ushort)minimum[k];
                *metadata++ = (ushort)step[k];
            }
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

    /// <summary>What is stored for up to four groups, and how to encode them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (Vector128<uint> Minimum, Vector128<uint> Step) Choose(
        ReadOnlySpan<GroupRange> ranges, Span<EncodeParameters> parameters)
    {
        var last = ranges.Length - 1;
        ref readonly var a = ref ranges[0];
        ref readonly var b = ref ranges[Math.Min(1, last)];
        ref readonly var c = ref ranges[Math.Min(2, last)];
        ref readonly var d = ref ranges[last];
        var isFinite = Vector128.Create(Mask(a.IsFinite), Mask(b.IsFinite), Mask(c.IsFinite), Mask(d.IsFinite));
        var storedMinimum = HasStepAlone
            ? Vector128<uint>.Zero
            : RoundDown(Vector128.Create(a.Minimum, b.Minimum, c.Minimum, d.Minimum));
        var maximum = Vector128.Create(a.Maximum, b.Maximum, c.Maximum, d.Maximum);

        var exactStep = (maximum - Widen(storedMinimum)) / Vector128.Create((float)Steps);
        var storedStep = RoundUp(Vector128.Max(exactStep, Vector128.Create(SmallestStep)))
            & Vector128.GreaterThan(exactStep, Vector128<float>.Zero).AsUInt32();
        var step = Widen(storedStep);
        var minimum = ZeroExact ? -step : Widen(storedMinimum);
        var isValid = isFinite & CanDecode(minimum, step);
        var hasStep = Vector128.GreaterThan(step, Vector128<float>.Zero);
        var scale = Vector128.Create((float)(1 << FractionBits)) / step & hasStep;
        for (var i = 0; i < parameters.Length; i++)
        {
            var encoding = new EncodeParameters(minimum[i], scale[i], IsValid: true);
            parameters[i] = isValid[i] != 0 ? encoding : EncodeParameters.Invalid;
        }

        return (Vector128.ConditionalSelect(isValid, storedMinimum, Vector128.Create(NotANumber)),
            Vector128.ConditionalSelect(isValid, storedStep, Vector128.Create(NotANumber)));
    }

    private static uint Mask(bool isOn) => isOn ? uint.MaxValue : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Widen(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Widen(Vector128<uint> bits) => (bits << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> RoundDown(Vector128<float> x)
    {
        var isNegative = Vector128.LessThan(x, Vector128<float>.Zero).AsUInt32();
        return (x.AsUInt32() + (isNegative & Vector128.Create(0xffffu))) >>> 16;
    }

    /// <summary>Rounds values ≥ 0 up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> RoundUp(Vector128<float> x) => (x.AsUInt32() + Vector128.Create(0xffffu)) >>> 16;
}
