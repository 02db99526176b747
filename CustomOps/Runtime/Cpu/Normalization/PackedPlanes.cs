using System.Runtime.InteropServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Normalization;

/// <summary>
/// A packed float32 tensor [N, C, ...], read piece by piece: what is decoded stays in the cache, and no restored tensor exists.
/// </summary>
internal sealed unsafe class PackedPlanes
{
    /// <summary>Elements that are decoded before they are used: 16 KB, half of a first-level cache.</summary>
    private const int PieceElements = 4096;

    private const int MostGroupsAtOnce = 64;

    private readonly byte* _packed;
    private readonly PackedLayout _layout;
    private readonly GroupUnpacker _unpacker;
    private readonly MetadataCodec _codec;
    private readonly ulong _tensorKey;

    private PackedPlanes(KernelTier tier, byte* packed, PackedHeader header, PackedLayout layout, ReadOnlySpan<long> dims)
    {
        _packed = packed;
        _layout = layout;
        _unpacker = KernelTable.Unpacker(tier, header.Type, layout.Format, UnpackOutput.Value);
        _codec = MetadataCodec.Create(layout, header.Type);
        _tensorKey = CounterRandom.TensorKey(header.Key);
        Channels = dims[1];
        Planes = dims[0] * dims[1];
        PlaneLength = Planes == 0 ? 0 : layout.ElementCount / Planes;
    }

    /// <summary>Size of axis 1.</summary>
    public long Channels { get; }

    /// <summary>Samples · channels.</summary>
    public long Planes { get; }

    /// <summary>Elements of the tensor.</summary>
    public long Elements => _layout.ElementCount;

    /// <summary>Elements of a plane: the product of the axes from 2 on.</summary>
    public long PlaneLength { get; }

    /// <summary>Opens a packed tensor.</summary>
    /// <param name="tier">Kernels that decode.</param>
    /// <param name="packed">A packed tensor; any bytes are safe.</param>
    /// <param name="packedBytes">Bytes at <paramref name="packed"/>.</param>
    /// <param name="dims">Dimensions of the tensor, two at least.</param>
    /// <exception cref="PackedFormatException">Header, shape and size do not agree, or the tensor is no float32.</exception>
    /// <exception cref="ArgumentException">The tensor has no channel axis.</exception>
    public static PackedPlanes Open(KernelTier tier, byte* packed, long packedBytes, ReadOnlySpan<long> dims)
    {
        if (dims.Length < 2) throw new ArgumentException($"A tensor of rank {dims.Length} has no channels.", nameof(dims));
        var header = PackedHeader.Read(new ReadOnlySpan<byte>(packed, (int)Math.Clamp(packedBytes, 0, PackedHeader.Size)));
        if (header.Type != ElementType.Float32)
            throw new PackedFormatException($"The packed tensor holds {header.Type} elements; this operator reads Float32.");
        return new PackedPlanes(tier, packed, header, header.LayoutFor(dims, packedBytes), dims);
    }

    /// <summary>
    /// Decodes all elements. A plane's pieces come in order and from one thread, cut the same way whatever the number of threads.
    /// </summary>
    public void Read(IParallelLoop loop, PieceReader reader)
    {
        if (_layout.ElementCount == 0) return;
        // Both are products of the last axes, so that one divides the other.
        var rowsPerPlane = PlaneLength / _layout.RowLength;
        if (rowsPerPlane <= 1)
            loop.For(_layout.ElementCount / _layout.RowLength, (start, end) => Read(start, end, reader));
        else
            loop.For(Planes, (start, end) => ReadPlanes(start, end, rowsPerPlane, reader));
    }

    /// <summary>Planes of several rows begin a new piece each.</summary>
    private void ReadPlanes(long start, long end, long rowsPerPlane, PieceReader reader)
    {
        for (var plane = start; plane < end; plane++) Read(plane * rowsPerPlane, (plane + 1) * rowsPerPlane, reader);
    }

    private void Read(long startRow, long endRow, PieceReader reader)
    {
        var longest = _layout.Group(0).Length;
        var atOnce = Math.Clamp(PieceElements / longest, 1, MostGroupsAtOnce);
        var scratch = (float*)NativeMemory.AlignedAlloc((nuint)atOnce * (nuint)longest * sizeof(float), 64);
        try
        {
            // Several short rows together, or one long row in parts: both begin where a row does.
            var rowsAtOnce = Math.Max(1, atOnce / _layout.GroupsPerRow);
            for (var row = startRow; row < endRow; row += rowsAtOnce)
            {
                var end = Math.Min(row + rowsAtOnce, endRow) * _layout.GroupsPerRow;
                for (var group = row * _layout.GroupsPerRow; group < end; group += atOnce)
                    ReadGroups(group, (int)Math.Min(atOnce, end - group), scratch, reader);
            }
        }
        finally
        {
            NativeMemory.AlignedFree(scratch);
        }
    }

    private void ReadGroups(long first, int count, float* scratch, PieceReader reader)
    {
        Span<GroupSpan> groups = stackalloc GroupSpan[MostGroupsAtOnce];
        Span<DecodeParameters> parameters = stackalloc DecodeParameters[MostGroupsAtOnce];
        _layout.Groups(first, groups[..count]);
        _codec.Read(_packed, first, parameters[..count]);
        var start = groups[0].Start;
        var end = groups[count - 1].Start + groups[count - 1].Length;
        _unpacker.Decode(_packed, groups[..count], parameters, _tensorKey, scratch - start);
        for (var piece = start; piece < end;)
        {
            var plane = piece / PlaneLength;
            var next = Math.Min(end, (plane + 1) * PlaneLength);
            reader(plane, piece, (int)(next - piece), scratch + (piece - start));
            piece = next;
        }
    }
}
