using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace OnnxActNN.Training.Checkpoints;

/// <summary>Typed access, by field number, to one table of a FlatBuffers file.</summary>
/// <remarks>
/// A table starts with the distance back to its vtable; that lists, per field, the distance from the table's start, 0
/// if absent.
/// </remarks>
internal readonly struct FlatTable(FlatFile file, long position)
{
    public int Int32(int field) => At(field) is { } at ? file.Int32(at) : 0;

    public long Int64(int field, long absent = 0) =>
        At(field) is { } at ? BinaryPrimitives.ReadInt64LittleEndian(file.Span(at, sizeof(long))) : absent;

    public float Float(int field) =>
        At(field) is { } at ? BinaryPrimitives.ReadSingleLittleEndian(file.Span(at, sizeof(float))) : 0;

    public bool Bool(int field) => At(field) is { } at && file.Span(at, 1)[0] != 0;

    public string? Text(int field) => At(field) is { } at ? file.Text(file.Follow(at)) : null;

    public FlatTable? Child(int field) => At(field) is { } at ? file.Table(file.Follow(at)) : null;

    /// <summary>The tables of a vector of tables; none where the field is absent.</summary>
    public IEnumerable<FlatTable> Children(int field)
    {
        if (At(field) is not { } at) yield break;
        var (from, vector) = (file, file.Follow(at));
        var count = from.Vector(vector, sizeof(int)).Length / sizeof(int);
        for (var index = 0; index < count; index++)
            yield return from.Table(from.Follow(vector + sizeof(int) * (index + 1L)));
    }

    /// <summary>The bytes of a vector, within the file's own memory.</summary>
    public ReadOnlyMemory<byte> Bytes(int field) =>
        At(field) is { } at ? file.Vector(file.Follow(at), elementSize: 1) : default;

    /// <summary>A vector of 64-bit numbers, copied; null where it has more than <paramref name="maximum"/>.</summary>
    public long[]? Longs(int field, int maximum)
    {
        if (At(field) is not { } at) return [];
        var bytes = file.Vector(file.Follow(at), sizeof(long)).Span;
        return bytes.Length > maximum * sizeof(long) ? null : MemoryMarshal.Cast<byte, long>(bytes).ToArray();
    }

    private long? At(int field)
    {
        var vtable = position - file.Int32(position);
        var slot = CheckpointFields.Slot(field);
        if (slot + sizeof(ushort) > file.UInt16(vtable)) return null;
        return file.UInt16(vtable + slot) is > 0 and var distance ? position + distance : null;
    }
}
