using System.Runtime.CompilerServices;

namespace OnnxActNN.Format;

/// <summary>
/// Where everything lies in a packed tensor; a function of the dimensions and the format alone, never of the data.
/// The buffer is header, table of widths (where groups have widths of their own), metadata of all groups, block
/// exponents (8-bit metadata), codes of all groups. All sizes are 64-bit.
/// </summary>
public sealed class PackedLayout
{
    /// <summary>
    /// Rows shorter than this take in the axis to their left, so that metadata does not outweigh the codes.
    /// </summary>
    public const int ShortestRow = 16;

    /// <summary>Groups that share one exponent byte with <see cref="MetadataFormat.EightBits"/>.</summary>
    public const int GroupsPerBlock = 16;

    /// <summary>Bytes of the table of widths for a block of groups: 2 bits a group.</summary>
    public const int TableBytesPerBlock = GroupsPerBlock * 2 / 8;

    private readonly GroupSection[] _sections;

    private PackedLayout(PackFormat format, long elementCount, long rowLength, ReadOnlySpan<long> dims)
    {
        Format = format;
        ElementCount = elementCount;
        RowLength = rowLength;
        Samples = dims.Length > 0 ? dims[0] : 1;
        (Channels, ChannelElements) = ChannelsOf(dims);
        var rows = elementCount == 0 ? 0 : elementCount / rowLength;
        if (elementCount > 0)
            (GroupsPerRow, LongGroups, LongLength, ShortLength) = CutRow(format, rowLength);
        LongBytes = CodeWidths.CodeBytes(format.Width, LongLength);
        ShortBytes = CodeWidths.CodeBytes(format.Width, ShortLength);
        RowBytes = LongGroups * LongBytes + (GroupsPerRow - LongGroups) * ShortBytes;
        GroupCount = rows * GroupsPerRow;
        BlockCount = BlocksOf(GroupCount);
        if (!format.Shares.IsUniform) (LongBytes, ShortBytes, RowBytes) = (0, 0, 0);
        _sections = format.Shares.IsUniform ? [new GroupSection(format.Width, GroupCount, 0, 0, 0, 0)] : Classify();
        TotalBytes = Place(rows);
        (BlockExponentsOffset, CodesOffset) = (_sections[0].BlockExponentsOffset, _sections[0].CodesOffset);
    }

    /// <summary>The format that was laid out.</summary>
    public PackFormat Format { get; }

    /// <summary>Elements of the tensor.</summary>
    public long ElementCount { get; }

    /// <summary>Elements of a row, after short rows were widened; a group never crosses a row.</summary>
    public long RowLength { get; }

    /// <summary>Groups of a row.</summary>
    public long GroupsPerRow { get; }

    /// <summary>Groups of the tensor.</summary>
    public long GroupCount { get; }

    /// <summary>Blocks of <see cref="GroupsPerBlock"/> groups, the last one shorter.</summary>
    public long BlockCount { get; }

    /// <summary>Samples: size of the outermost axis.</summary>
    public long Samples { get; }

    /// <summary>
    /// Channels: size of axis 1 where each group lies within one index of it; else the whole tensor is one.
    /// </summary>
    public long Channels { get; }

    /// <summary>Elements in a row that one sample has of one channel.</summary>
    public long ChannelElements { get; }

    /// <summary>Offset in bytes of the groups' metadata, where all have one width.</summary>
    public static long MetadataOffset => PackedHeader.Size;

    /// <summary>
    /// Offset in bytes of the table of widths, where groups have widths of their own: 2 bits a group, its class, the
    /// first group in a byte's lowest bits.
    /// </summary>
    public static long TableOffset => PackedHeader.Size;

    /// <summary>
    /// The classes of groups, from the format's own width to the widest; one where all groups have one width.
    /// </summary>
    public ReadOnlySpan<GroupSection> Sections => _sections;

    /// <summary>Offset in bytes of the exponents, one byte a block; empty with bfloat16 metadata.</summary>
    public long BlockExponentsOffset { get; }

    /// <summary>Offset in bytes of the codes.</summary>
    public long CodesOffset { get; }

    /// <summary>Bytes of the packed tensor.</summary>
    public long TotalBytes { get; }

    /// <summary>Long groups of a row; they come first.</summary>
    internal long LongGroups { get; }

    /// <summary>Elements of a long group.</summary>
    internal int LongLength { get; }

    /// <summary>Elements of a group after the long ones.</summary>
    internal int ShortLength { get; }

    /// <summary>Bytes of a long group's codes.</summary>
    internal long LongBytes { get; }

    /// <summary>Bytes of a short group's codes.</summary>
    internal long ShortBytes { get; }

    /// <summary>Bytes of a row's codes.</summary>
    internal long RowBytes { get; }

    /// <summary>Lays out a tensor.</summary>
    /// <param name="dims">Dimensions of the tensor; none for a scalar.</param>
    /// <param name="format">The pack's attributes.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A dimension is negative or the group axis is not one of the tensor's.
    /// </exception>
    /// <exception cref="ArgumentException">The format contradicts itself.</exception>
    /// <exception cref="OverflowException">The sizes do not fit 64 bits.</exception>
    public static PackedLayout Create(ReadOnlySpan<long> dims, PackFormat format)
    {
        ArgumentNullException.ThrowIfNull(format);
        if (format.Contradiction is { } contradiction) throw new ArgumentException(contradiction + ".", nameof(format));
        long count = 1;
        foreach (var dim in dims)
            count = checked(count * NonNegative(dim));
        return new PackedLayout(format, count, count == 0 ? 0 : RowLengthOf(dims, format), dims);
    }

    /// <summary>Bytes of a packed tensor.</summary>
    /// <inheritdoc cref="Create" path="/exception"/>
    public static long BytesOf(ReadOnlySpan<long> dims, PackFormat format) => Create(dims, format).TotalBytes;

    /// <summary>Whether packing pays: the packed tensor is smaller than half the tensor. Others stay exact.</summary>
    /// <inheritdoc cref="Create" path="/exception"/>
    public static bool IsWorthPacking(ReadOnlySpan<long> dims, ElementType type, PackFormat format)
    {
        var layout = Create(dims, format);
        return layout.TotalBytes < checked(layout.ElementCount * ElementTypes.SizeOf(type)) / 2;
    }

    /// <summary>Bytes of metadata of one group, the block's share not counted.</summary>
    public static int MetadataBytesPerGroup(PackFormat format)
    {
        ArgumentNullException.ThrowIfNull(format);
        var numbers = format.HasStepAlone ? 1 : 2;
        return format.Metadata == MetadataFormat.BFloat16 ? 2 * numbers : numbers;
    }

    /// <summary>
    /// Where group <paramref name="index"/> lies. Where groups have widths of their own, the offset is that of all
    /// codes.
    /// </summary>
    /// <param name="index">0 to <see cref="GroupCount"/> − 1; not checked.</param>
    public GroupSpan Group(long index)
    {
        var row = index / GroupsPerRow;
        var inRow = index - row * GroupsPerRow;
        var longBefore = Math.Min(inRow, LongGroups);
        var shortBefore = inRow - longBefore;
        return new GroupSpan(
            row * RowLength + longBefore * LongLength + shortBefore * ShortLength,
            inRow < LongGroups ? LongLength : ShortLength,
            CodesOffset + row * RowBytes + longBefore * LongBytes + shortBefore * ShortBytes);
    }

    /// <summary>Where a run of groups lies; the same as <see cref="Group"/> for each, without its division.</summary>
    /// <param name="first">The first group's index; the run must end within the tensor, which is not checked.</param>
    /// <param name="groups">As many groups as are wanted.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Groups(long first, Span<GroupSpan> groups)
    {
        if (groups.IsEmpty)
            return;
        var (start, _, codeOffset) = Group(first);
        var inRow = first % GroupsPerRow;
        for (var i = 0; i < groups.Length; i++)
        {
            var (length, bytes) = inRow < LongGroups ? (LongLength, LongBytes) : (ShortLength, ShortBytes);
            groups[i] = new GroupSpan(start, length, codeOffset);
            start += length;
            codeOffset += bytes;
            inRow = inRow + 1 == GroupsPerRow ? 0 : inRow + 1;
        }
    }

    /// <summary>The sample that a group begins in.</summary>
    public long SampleOf(in GroupSpan group) => group.Start / (ElementCount / Samples);

    /// <summary>The channel that a group lies in.</summary>
    public long ChannelOf(in GroupSpan group) => group.Start / ChannelElements % Channels;

    /// <summary>
    /// The groups that hold these elements and no others: the first one, and the one behind the last.
    /// </summary>
    /// <exception cref="ArgumentException">A row holds others too, so that its groups may.</exception>
    public (long First, long End) GroupsOf(long start, long end)
    {
        if (ElementCount == 0) return (0, 0);
        if (start % RowLength != 0 || end % RowLength != 0)
            throw new ArgumentException($"Samples that share a row of {RowLength} elements cannot be read in slices.");
        return (start / RowLength * GroupsPerRow, end / RowLength * GroupsPerRow);
    }

    internal static long BlocksOf(long groups) => groups / GroupsPerBlock + (groups % GroupsPerBlock == 0 ? 0 : 1);

    /// <summary>How many groups each class has, and the room that its longest group needs.</summary>
    private GroupSection[] Classify()
    {
        var (shares, longest) = (Format.Shares, LongGroups > 0 ? LongLength : ShortLength);
        var sections = new GroupSection[WidthShares.Classes];
        for (var index = 0; index < sections.Length; index++)
        {
            var wider = index + 1 < sections.Length ? shares.AtLeast(index + 1, GroupCount) : 0;
            var width = Format.WidthOf(index);
            sections[index] = new GroupSection(
                width, shares.AtLeast(index, GroupCount) - wider, 0, 0, 0, CodeWidths.CodeBytes(width, longest));
        }
        return sections;
    }

    /// <summary>Puts metadata, exponents and codes of all sections behind each other; tells the bytes of all.</summary>
    private long Place(long rows)
    {
        var offset = checked(PackedHeader.Size + (Format.Shares.IsUniform ? 0 : BlockCount * TableBytesPerBlock));
        foreach (ref var section in _sections.AsSpan())
        {
            section = section with { MetadataOffset = offset };
            offset = checked(offset + section.Groups * MetadataBytesPerGroup(Format));
        }
        foreach (ref var section in _sections.AsSpan())
        {
            section = section with { BlockExponentsOffset = offset };
            offset += Format.Metadata == MetadataFormat.EightBits ? section.Blocks : 0;
        }
        foreach (ref var section in _sections.AsSpan())
        {
            section = section with { CodesOffset = offset };
            offset = checked(offset + (Format.Shares.IsUniform ? rows * RowBytes : section.Groups * section.Stride));
        }
        return offset;
    }

    private static long RowLengthOf(ReadOnlySpan<long> dims, PackFormat format)
    {
        var rank = dims.Length;
        if (rank == 0)
            return 1;
        var axis = format.Layout == GroupLayout.Flat ? Math.Min(1, rank - 1) : RowAxis(rank, format.GroupAxis);
        long row = 1;
        for (var i = axis; i < rank; i++)
            row *= dims[i];
        for (; row < ShortestRow && axis > 0; axis--)
            row *= dims[axis - 1];
        return row;
    }

    private (long Channels, long Elements) ChannelsOf(ReadOnlySpan<long> dims)
    {
        const int channelAxis = 1;
        if (ElementCount == 0 || dims.Length <= channelAxis + 1 || Format.Layout == GroupLayout.Flat)
            return (1, ElementCount);
        var plane = ElementCount / (dims[0] * dims[channelAxis]);
        return RowLength <= plane ? (dims[channelAxis], plane) : (1, ElementCount);
    }

    private static int RowAxis(int rank, int groupAxis)
    {
        var axis = groupAxis < 0 ? rank + groupAxis : groupAxis;
        if (axis < 0 || axis >= rank)
            throw new ArgumentOutOfRangeException(nameof(groupAxis), groupAxis, $"No axis of a tensor of rank {rank}.");
        return axis;
    }

    private static (long Groups, long LongGroups, int LongLength, int ShortLength) CutRow(PackFormat format, long row)
    {
        long size = format.GroupSize;
        var groups = row / size + (row % size == 0 ? 0 : 1);
        if (format.Layout == GroupLayout.Flat)
            return (groups, row / size, (int)size, (int)(row % size));
        var shortLength = (int)(row / groups);
        return (groups, row % groups, shortLength + 1, shortLength);
    }

    private static long NonNegative(long dim) =>
        dim >= 0 ? dim : throw new ArgumentOutOfRangeException(nameof(dim), dim, "A dimension is negative.");
}
