using System.Runtime.CompilerServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>
/// Step as a byte with 5 exponent and 3 mantissa bits, rounded up, over an exponent E that a block of groups shares;
/// minimum as a signed byte k: k · step · 2^(code bits − 6). Byte c means step (8 + c mod 8) · 2^(c / 8 + E − 161), 0
/// means step 0 and 255 NaN. E is one more than the largest exponent of a step in the block, so there is room to round
/// up.
/// </summary>
internal sealed unsafe class EightBitMetadata(PackedLayout layout, in GroupSection section, ElementType type)
    : MetadataCodec(layout, section, type)
{
    private const byte NotANumber = 255;
    private const int LargestCode = 254;

    /// <summary>Smallest E: the smallest step is then above 2^−110, and 2^m / step finite.</summary>
    private const int SmallestExponent = 48;

    private const int LargestExponent = 254;

    private readonly float _unit = MathF.ScaleB(1f, CodeWidths.CodeBits(section.Width) - 6);

    public override int GroupsTogether => PackedLayout.GroupsPerBlock;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Write(
        byte* packed, long firstGroup, ReadOnlySpan<GroupRange> ranges, Span<EncodeParameters> parameters)
    {
        var largest = 0f;
        foreach (var range in ranges)
        {
            if (range.IsFinite)
                largest = Math.Max(largest, SmallestStep(range));
        }

        var exponent = Math.Clamp(
            (BitConverter.SingleToInt32Bits(largest) >> 23) + 1, SmallestExponent, LargestExponent);
        packed[Section.BlockExponentsOffset + firstGroup / PackedLayout.GroupsPerBlock] = (byte)exponent;
        var metadata = packed + Section.MetadataOffset + firstGroup * BytesPerGroup;
        for (var i = 0; i < ranges.Length; i++)
        {
            parameters[i] = Choose(ranges[i], exponent, out var minimum, out var step);
            if (!HasStepAlone)
                *metadata++ = (byte)minimum;
            *metadata++ = step;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Read(byte* packed, long firstGroup, Span<DecodeParameters> parameters)
    {
        var metadata = packed + Section.MetadataOffset + firstGroup * BytesPerGroup;
        for (var i = 0; i < parameters.Length; i++)
        {
            var exponent = packed[Section.BlockExponentsOffset + (firstGroup + i) / PackedLayout.GroupsPerBlock];
            var multiple = HasStepAlone ? (sbyte)0 : (sbyte)*metadata++;
            var code = *metadata++;
            var step = code == NotANumber ? float.NaN : StepOf(code, exponent);
            parameters[i] = CreateDecode(ZeroExact ? -step : multiple * _unit * step, step);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private EncodeParameters Choose(in GroupRange range, int exponent, out sbyte minimum, out byte step)
    {
        minimum = 0;
        step = NotANumber;
        if (!range.IsFinite)
            return EncodeParameters.Invalid;
        for (var code = SmallestCode(SmallestStep(range), exponent); code <= LargestCode; code++)
        {
            var chosen = StepOf(code, exponent);
            minimum = HasStepAlone ? (sbyte)0 : SmallestMultiple(range.Minimum, chosen);
            var used = ZeroExact ? -chosen : minimum * _unit * chosen;
            if (!Covers(range, used, chosen))
                continue;
            if (!CanDecode(used, chosen))
                break;
            step = (byte)code;
            return EncodeParameters.Create(used, chosen, FractionBits);
        }

        minimum = 0;
        return EncodeParameters.Invalid;
    }

    /// <summary>A lower bound of the step; the smallest one that covers the range is at most two codes above.</summary>
    private float SmallestStep(in GroupRange range)
    {
        if (HasStepAlone)
            return range.Maximum / Steps;
        var spread = (range.Maximum - range.Minimum) / Steps;
        var reach = Math.Max(-range.Minimum / (128 * _unit), range.Maximum / (Steps + 127 * _unit));
        return Math.Max(spread, reach);
    }

    private sbyte SmallestMultiple(float minimum, float step)
    {
        if (step == 0)
            return 0;
        var multiple = MathF.Floor(minimum / (_unit * step));
        return (sbyte)Math.Clamp(multiple, sbyte.MinValue, sbyte.MaxValue);
    }

    private bool Covers(in GroupRange range, float minimum, float step) =>
        HasStepAlone
            ? range.Maximum <= Steps * step
            : minimum <= range.Minimum && range.Maximum - minimum <= Steps * step;

    private static int SmallestCode(float step, int exponent)
    {
        if (step <= 0)
            return 0;
        var rounded = (int)((BitConverter.SingleToUInt32Bits(step) + 0xfffff) >> 20);
        return Math.Max(1, rounded - 8 * (exponent - 31));
    }

    private static float StepOf(int code, int exponent) =>
        code == 0 ? 0 : BitConverter.Int32BitsToSingle((code + 8 * (exponent - 31)) << 20);
}
