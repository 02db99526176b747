using System.Runtime.InteropServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Normalization;

/// <summary>
/// A packed float32 tensor, read piece by piece: what is decoded stays in the cache, and no restored tensor exists. A
/// plane is what shares its statistics: a channel of a sample, or a row that is normalized by itself.
/// </summary>
internal sealed unsafe class PackedPlanes
{
    /// <summary>Elements that are decoded before they are used: 16 KB, half of a first-level cache.</summary>
    private const int PieceElements = 4096;

    private const int MostGroupsAtOnce = 64;

    private const long NoBlocks = long.MaxValue;

    private readonly byte* _packed;
    private readonly PackedLayout _layout;
    private readonly GroupReader _reader;
    private readonly long _storedChannels;

    private PackedPlanes(
        KernelTier tier, byte* packed, PackedHeader header, PackedLayout layout, long storedPlanes, long storedChannels,
        long channels)
    {
        _packed = packed;
        _layout = layout;
        _reader = GroupReader.Create(tier, header.Type, packed, layout, header.Key, UnpackOutput.Value);
        _storedChannels = storedChannels;
        Channels = channels;
        Planes = storedChannels == 0 ? 0 : storedPlanes / storedChannels * channels;
        PlaneLength = storedPlanes == 0 ? 0 : layout.ElementCount / storedPlanes;
    }

    /// <summary>Channels that are read.</summary>
    public long Channels { get; }

    /// <summary>Planes that are read.</summary>
    public long Planes { get; }

    /// <summary>Samples, where planes are channels.</summary>
    public long Samples => Channels == 0 ? 0 : Planes / Channels;

    /// <summary>Elements that are read.</summary>
    public long Elements => Planes * PlaneLength;

    /// <summary>Elements of a plane.</summary>
    public long PlaneLength { get; }

    /// <summary>Opens a packed tensor [N, C, ...] whose planes are the channels of the samples.</summary>
    /// <param name="tier">Kernels that decode.</param>
    /// <param name="packed">A packed tensor; any bytes are safe.</param>
    /// <param name="packedBytes">Bytes at <paramref name="packed"/>.</param>
    /// <param name="dims">Dimensions of the tensor, two at least.</param>
    /// <param name="channels">How many of its channels are read, from the first on.</param>
    /// <exception cref="PackedFormatException">
    /// Header, shape and size do not agree, or the tensor is no float32.
    /// </exception>
    /// <exception cref="ArgumentException">The tensor has no channel axis, or fewer channels.</exception>
    public static PackedPlanes OfChannels(
        KernelTier tier, byte* packed, long packedBytes, ReadOnlySpan<long> dims, long channels)
    {
        if (dims.Length < 2)
            throw new ArgumentException($"A tensor of rank {dims.Length} has no channels.", nameof(dims));
        if (channels > dims[1])
            throw new ArgumentException($"{channels} channels are to be read of {dims[1]}.", nameof(channels));
        return Open(tier, packed, packedBytes, dims, dims[0] * dims[1], dims[1], channels);
    }

    /// <summary>Opens a packed tensor whose planes are so many rows, one after the other.</summary>
    /// <inheritdoc cref="OfChannels"/>
    /// <exception cref="ArgumentException">The elements do not make up so many rows.</exception>
    public static PackedPlanes OfRows(
        KernelTier tier, byte* packed, long packedBytes, ReadOnlySpan<long> dims, long rows)
    {
        var opened = Open(tier, packed, packedBytes, dims, rows, rows, rows);
        return opened.Elements == opened._layout.ElementCount
            ? opened
            : throw new ArgumentException(
                $"{opened._layout.ElementCount} elements do not make up {rows} rows.", nameof(rows));
    }

    /// <summary>
    /// Decodes all elements. A plane's pieces come in order and from one thread, cut the same way whatever the number
    /// of threads.
    /// </summary>
    public void Read(IParallelLoop loop, PieceReader reader) => Read(loop, NoBlocks, atGroups: false, reader);

    /// <summary>The same of some samples, for planes that are channels.</summary>
    /// <exception cref="ArgumentException">They share a row with others.</exception>
    public void Read(IParallelLoop loop, SampleSpan samples, PieceReader reader)
    {
        if (Elements == 0) return;
        var sample = _storedChannels * PlaneLength;
        var (first, end) = (samples.First * sample, (samples.First + samples.Count) * sample);
        if (first % UnitLength != 0 || end % UnitLength != 0)
            throw new ArgumentException(
                $"Samples that share a row of {UnitLength} elements cannot be read in slices.", nameof(samples));
        Read(loop, first / UnitLength, end / UnitLength, NoBlocks, atGroups: false, reader);
    }

    /// <summary>The same, in pieces that are cut at groups too where that is wanted.</summary>
    public void Read(IParallelLoop loop, bool atGroups, PieceReader reader) => Read(loop, NoBlocks, atGroups, reader);

    /// <summary>
    /// The same, in at most so many blocks of planes, which depend on the tensor alone; each comes in order and from
    /// one thread.
    /// </summary>
    /// <param name="loop">Runs the blocks.</param>
    /// <param name="blocks">Most blocks.</param>
    /// <param name="atGroups">Cuts at groups too, and tells the variance of each.</param>
    /// <param name="reader">Takes the pieces.</param>
    public void Read(IParallelLoop loop, long blocks, bool atGroups, PieceReader reader)
    {
        if (Elements > 0) Read(loop, 0, _layout.ElementCount / UnitLength, blocks, atGroups, reader);
    }

    private void Read(IParallelLoop loop, long firstUnit, long endUnit, long blocks, bool atGroups, PieceReader reader)
    {
        var units = endUnit - firstUnit;
        var count = Math.Min(blocks, units);
        var rowsPerUnit = UnitLength / _layout.RowLength;
        loop.For(count, (start, end) =>
        {
            // A plane of several rows begins a new piece, wherever a thread begins.
            var step = blocks == NoBlocks && rowsPerUnit == 1 ? end - start : 1;
            using var scratch = new Scratch(this, atGroups, reader);
            for (var block = start; block < end; block += step)
                scratch.Read(FirstUnit(block) * rowsPerUnit, FirstUnit(block + step) * rowsPerUnit, block);
        });

        long FirstUnit(long block) => firstUnit + (long)((Int128)units * block / count);
    }

    /// <summary>
    /// Whole rows of the layout that are whole planes too; one of the two is a multiple of the other, or all is one
    /// unit.
    /// </summary>
    private long UnitLength =>
        _layout.RowLength % PlaneLength == 0 ? _layout.RowLength
        : PlaneLength % _layout.RowLength == 0 ? PlaneLength
        : _layout.ElementCount;

    private static PackedPlanes Open(
        KernelTier tier, byte* packed, long packedBytes, ReadOnlySpan<long> dims, long storedPlanes,
        long storedChannels, long channels)
    {
        var header = PackedHeader.Read(
            new ReadOnlySpan<byte>(packed, (int)Math.Clamp(packedBytes, 0, PackedHeader.Size)));
        if (header.Type != ElementType.Float32)
            throw new PackedFormatException(
                $"The packed tensor holds {header.Type} elements; this operator reads Float32.");
        return new PackedPlanes(
            tier, packed, header, header.LayoutFor(dims, packedBytes), storedPlanes, storedChannels, channels);
    }

    /// <summary>One thread's room for decoded elements.</summary>
    private readonly ref struct Scratch
    {
        private readonly PackedPlanes _planes;
        private readonly bool _atGroups;
        private readonly PieceReader _reader;
        private readonly long _atOnce;
        private readonly float* _values;

        public Scratch(PackedPlanes planes, bool atGroups, PieceReader reader)
        {
            (_planes, _atGroups, _reader) = (planes, atGroups, reader);
            var longest = planes._layout.Group(0).Length;
            _atOnce = Math.Clamp(PieceElements / longest, 1, MostGroupsAtOnce);
            _values = (float*)NativeMemory.AlignedAlloc((nuint)_atOnce * (nuint)longest * sizeof(float), 64);
        }

        public void Read(long startRow, long endRow, long block)
        {
            var layout = _planes._layout;
            // Several short rows together, or one long row in parts: both begin where a row does.
            var rowsAtOnce = Math.Max(1, _atOnce / layout.GroupsPerRow);
            for (var row = startRow; row < endRow; row += rowsAtOnce)
            {
                var endOfRows = Math.Min(row + rowsAtOnce, endRow);
                if (!IsRead(row * layout.RowLength, endOfRows * layout.RowLength)) continue;
                var end = endOfRows * layout.GroupsPerRow;
                for (var group = row * layout.GroupsPerRow; group < end; group += _atOnce)
                    ReadGroups(group, (int)Math.Min(_atOnce, end - group), block);
            }
        }

        public void Dispose() => NativeMemory.AlignedFree(_values);

        /// <summary>Whether any of these elements is in a channel that is read.</summary>
        private bool IsRead(long start, long end)
        {
            var (first, last) = (start / _planes.PlaneLength, (end - 1) / _planes.PlaneLength);
            return first % _planes._storedChannels < _planes.Channels
                || last / _planes._storedChannels > first / _planes._storedChannels;
        }

        private void ReadGroups(long first, int count, long block)
        {
            Span<GroupSpan> groups = stackalloc GroupSpan[MostGroupsAtOnce];
            Span<DecodeParameters> parameters = stackalloc DecodeParameters[MostGroupsAtOnce];
            var start = _planes._layout.Group(first).Start;
            _planes._reader.Read(_planes._packed, first, groups[..count], parameters[..count], _values - start);
            if (!_atGroups)
            {
                ReadPieces(start, groups[count - 1].Start + groups[count - 1].Length, _values, block, variance: 0);
                return;
            }
            for (var i = 0; i < count; i++)
            {
                var variance = parameters[i].Scale * parameters[i].Scale
                    * VarianceOfScale(_planes._layout.Format, _planes._reader.WidthOf(_planes._packed, first + i));
                ReadPieces(
                    groups[i].Start, groups[i].Start + groups[i].Length, _values + (groups[i].Start - start), block,
                    variance);
            }
        }

        private void ReadPieces(long start, long end, float* values, long block, float variance)
        {
            var (length, stored, channels) = (_planes.PlaneLength, _planes._storedChannels, _planes.Channels);
            for (var piece = start; piece < end;)
            {
                var plane = piece / length;
                var next = Math.Min(end, (plane + 1) * length);
                var (sample, channel) = (plane / stored, plane % stored);
                var skipped = sample * (stored - channels);
                if (channel < channels)
                    _reader(
                        new Piece(
                            plane - skipped, piece - skipped * length, (int)(next - piece), values + (piece - start),
                            block, variance));
                piece = next;
            }
        }

        /// <summary>
        /// The error's variance over the square of the decoder's scale, step / 2^m: step² / 12 with dither, on average
        /// step² / 6 with stochastic rounding. A zero-exact code's zeros have none, and which they are is not told:
        /// none is taken for all; nor is the error on a grid whose steps differ.
        /// </summary>
        private static float VarianceOfScale(PackFormat format, CodeWidth width)
        {
            if (format.ZeroExact || format.Grid != CodeGrid.Uniform) return 0;
            var steps = (double)(1 << CodeWidths.FractionBits(width));
            return (float)(steps * steps / (format.Rounding == RoundingMode.Dither ? 12 : 6));
        }
    }
}
