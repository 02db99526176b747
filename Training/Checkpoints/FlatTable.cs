using System.Runtime.InteropServices;
using Google.FlatBuffers;

namespace OnnxActNN.Training.Checkpoints;

/// <summary>Typed access, by field number, to one table of a FlatBuffers file that has been verified.</summary>
internal readonly struct FlatTable(ByteBuffer buffer, int position)
{
    private readonly Table _table = new(position, buffer);

    public int Int32(int field) => At(field) is > 0 and var at ? _table.bb.GetInt(at) : 0;

    public long Int64(int field, long absent = 0) => At(field) is > 0 and var at ? _table.bb.GetLong(at) : absent;

    public float Float(int field) => At(field) is > 0 and var at ? _table.bb.GetFloat(at) : 0;

    public bool Bool(int field) => At(field) is > 0 and var at && _table.bb.Get(at) != 0;

    public string? Text(int field) => At(field) is > 0 and var at ? _table.__string(at) : null;

    public FlatTable? Child(int field) => At(field) is > 0 and var at ? new FlatTable(_table.bb, _table.__indirect(at)) : null;

    /// <summary>The tables of a vector of tables; none where the field is absent.</summary>
    public IEnumerable<FlatTable> Children(int field)
    {
        var (table, offset) = (_table, Offset(field));
        if (offset == 0) yield break;
        var (start, count) = (table.__vector(offset), table.__vector_len(offset));
        for (var index = 0; index < count; index++) yield return new FlatTable(table.bb, table.__indirect(start + 4 * index));
    }

    /// <summary>The bytes of a vector, within the file's own memory.</summary>
    public ReadOnlyMemory<byte> Bytes(int field) => Offset(field) is > 0 and var offset
        ? _table.bb.ToArraySegment(_table.__vector(offset), _table.__vector_len(offset))
        : ReadOnlyMemory<byte>.Empty;

    public long[] Longs(int field)
    {
        var offset = Offset(field);
        if (offset == 0) return [];
        var bytes = _table.bb.ToArraySegment(_table.__vector(offset), sizeof(long) * _table.__vector_len(offset));
        return MemoryMarshal.Cast<byte, long>(bytes.AsSpan()).ToArray();
    }

    private int Offset(int field) => _table.__offset(CheckpointFields.Slot(field));

    private int At(int field) => Offset(field) is > 0 and var offset ? _table.bb_pos + offset : 0;
}
