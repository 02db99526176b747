using System.Runtime.CompilerServices;

namespace OnnxActNN.Format;

/// <summary>
/// Where everything lies in a packed tensor; a function of the dimensions and the format alone, never of the data.
/// The buffer is header, metadata of all groups, block exponents (8-bit metadata), codes of all groups. All sizes are 64-bit.
/// </summary>
public sealed class PackedLayout
{
    /// <summary>
    /// Rows shorter than this take in the axis to their left, so that metadata does not outweigh the codes.
    /// </summary>
    public const int ShortestRow = 16;

    /// <summary>Groups that share one exponent byte with <see cref="MetadataFormat.EightBits"/>.</summary>
    public const int GroupsPerBlock = 16;

    private PackedLayout(PackFormat format, long elementCount, long rowLength)
    {
        Format = format;
        ElementCount = elementCount;
        RowLength = rowLength;
        var rows = elementCount == 0 ? 0 : elementCount / rowLength;
        if (elementCount > 0)
            (GroupsPerRow, LongGroups, LongLength, ShortLength) = CutRow(format, rowLength);
        LongBytes = CodeWidths.CodeBytes(format.Width, LongLength);
        ShortBytes = CodeWidths.CodeBytes(format.Width, ShortLength);
        RowBytes = LongGroups * LongBytes + (GroupsPerRow - LongGroups) * ShortBytes;
        GroupCount = rows * GroupsPerRow;
        BlockCount = GroupCount / GroupsPerBlock + (GroupCount % GroupsPerBlock == 0 ? 0 : 1);
        var hasBlockExponents = format.Metadata == MetadataFormat.EightBits;
        BlockExponentsOffset = checked(PackedHeader.Size + GroupCount * MetadataBytesPerGroup(format));
        CodesOffset = BlockExponentsOffset + (hasBlockExponents ? BlockCount : 0);
        TotalBytes = checked(CodesOffset + rows * RowBytes);
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

    /// <summary>Offset in bytes of the groups' metadata.</summary>
    public static long MetadataOffset => PackedHeader.Size;

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
        return new PackedLayout(format, count, count == 0 ? 0 : RowLengthOf(dims, format));
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

    /// <summary>Where group <paramref name="index"/> lies.</summary>
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
            var isLong = inRow < LongGroups;
            groups[i] = new GroupSpan(start, isLong ? LongLength : ShortLength, codeOffset);
            start += groups[i].Length;
            codeOffset += isLong ? LongBytes : ShortBytes;
            inRow = inRow + 1 == GroupsPerRow ? 0 : inRow + 1;
        }
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
