using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>Chooses, writes and reads a group's minimum and step. Values are encoded with what was written.</summary>
internal abstract unsafe class MetadataCodec
{
    private readonly float _largest;
    private readonly float _fraction;
    private readonly float _meanFraction;
    private readonly float _highest;
    private readonly float _lowest;

    protected MetadataCodec(PackedLayout layout, in GroupSection section, ElementType type)
    {
        (Format, Section) = (layout.Format, section);
        _largest = ElementTypes.LargestDecoded(type);
        var (fractionBits, isSquared) =
            (CodeWidths.FractionBits(section.Width), layout.Format.Grid == CodeGrid.Squared);
        // On a squared grid the kernels put the fraction's bits on after the root, and take them off before the square.
        FractionBits = isSquared ? 0 : fractionBits;
        Steps = layout.Format.Uniform(section.Width).Steps;
        _fraction = 1f / (1 << FractionBits);
        _highest = isSquared ? Steps : CodeWidths.Levels(section.Width) - 0.5f;
        _lowest = isSquared ? 0 : -0.5f;
        _meanFraction = layout.Format.Rounding == RoundingMode.Dither ? (1 << (fractionBits - 1)) - 0.5f : 0f;
        BytesPerGroup = PackedLayout.MetadataBytesPerGroup(layout.Format);
    }

    /// <summary>How many groups must be known before the first of them can be encoded.</summary>
    public abstract int GroupsTogether { get; }

    /// <summary>The groups whose metadata this reads and writes, by their rank.</summary>
    protected GroupSection Section { get; }

    protected PackFormat Format { get; }

    protected bool ZeroExact => Format.ZeroExact;

    protected bool HasStepAlone => Format.HasStepAlone;

    /// <summary>What is between minimum and maximum, in steps.</summary>
    protected int Steps { get; }

    protected int FractionBits { get; }

    protected int BytesPerGroup { get; }

    /// <summary>The codec of a tensor whose groups have one width.</summary>
    public static MetadataCodec Create(PackedLayout layout, ElementType type) =>
        Create(layout, layout.Sections[0], type);

    /// <summary>The codec of the groups of one class.</summary>
    public static MetadataCodec Create(PackedLayout layout, in GroupSection section, ElementType type) =>
        layout.Format.Metadata == MetadataFormat.BFloat16
            ? new BFloat16Metadata(layout, section, type)
            : new EightBitMetadata(layout, section, type);

    /// <summary>Writes the metadata of up to <see cref="GroupsTogether"/> groups and says how to encode each.</summary>
    public abstract void Write(
        byte* packed, long firstGroup, ReadOnlySpan<GroupRange> ranges, Span<EncodeParameters> parameters);

    /// <summary>Reads the metadata of groups that follow each other; any bytes give some parameters.</summary>
    public abstract void Read(byte* packed, long firstGroup, Span<DecodeParameters> parameters);

    /// <summary>How to decode a group with this minimum and step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected DecodeParameters CreateDecode(float minimum, float step)
    {
        var scale = step * _fraction;
        return new DecodeParameters(minimum - _meanFraction * scale, scale, step * 0f);
    }

    /// <summary><see cref="CanDecode(float, float)"/> of eight groups, all ones where they can.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected Vector256<uint> CanDecode(Vector256<float> minimum, Vector256<float> step)
    {
        var highest = minimum + Vector256.Create(_highest) * step;
        var lowest = minimum + Vector256.Create(_lowest) * step;
        return (Vector256.LessThanOrEqual(highest, Vector256.Create(_largest))
            & Vector256.GreaterThanOrEqual(lowest, Vector256.Create(-_largest))).AsUInt32();
    }

    /// <summary>Whether every value that the group's codes can decode to is within the element type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected bool CanDecode(float minimum, float step)
    {
        var highest = minimum + _highest * step;
        var lowest = minimum + _lowest * step;
        return highest <= _largest && lowest >= -_largest;
    }
}
