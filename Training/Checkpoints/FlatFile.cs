using System.Buffers.Binary;
using System.Text;

namespace OnnxActNN.Training.Checkpoints;

/// <summary>
/// A FlatBuffers file of unknown origin. Every access checks its place, so that damage ends in
/// <see cref="CheckpointFormatException"/>; what can be reached is bounded by the file's size, however its offsets
/// cross or repeat.
/// </summary>
/// <remarks>
/// Google.FlatBuffers' own verifier takes vtable offsets for 16-bit numbers and so refuses sound files.
/// </remarks>
internal sealed class FlatFile
{
    private const int HeaderBytes = 8;

    /// <summary>
    /// Tables and texts of a sound file do not overlap; one where more is read than it holds is made to exhaust the
    /// reader.
    /// </summary>
    private long _budget;
    private readonly byte[] _bytes;
    private readonly string _place;

    public FlatFile(byte[] bytes, string identifier, string place)
    {
        (_bytes, _place, _budget) = (bytes, place, bytes.Length);
        if (bytes.Length < HeaderBytes || Encoding.ASCII.GetString(bytes, 4, 4) != identifier)
            throw new CheckpointFormatException(place, $"is no checkpoint: it does not carry the mark {identifier}.");
    }

    public FlatTable Root => Table(Follow(0));

    public int Int32(long at) => BinaryPrimitives.ReadInt32LittleEndian(Span(at, sizeof(int)));

    public ushort UInt16(long at) => BinaryPrimitives.ReadUInt16LittleEndian(Span(at, sizeof(ushort)));

    public ReadOnlySpan<byte> Span(long at, long length) => Memory(at, length).Span;

    public ReadOnlyMemory<byte> Memory(long at, long length)
    {
        if (at < 0 || length < 0 || at > _bytes.Length - length)
            throw Damaged($"points {length} bytes to {at}, beyond its end");
        return _bytes.AsMemory((int)at, (int)length);
    }

    /// <summary>The place an unsigned offset at <paramref name="at"/> leads to.</summary>
    public long Follow(long at) => at + BinaryPrimitives.ReadUInt32LittleEndian(Span(at, sizeof(uint)));

    public FlatTable Table(long at)
    {
        Spend(sizeof(int));
        return new FlatTable(this, at);
    }

    /// <summary>Bytes of a vector whose length stands at <paramref name="at"/>.</summary>
    public ReadOnlyMemory<byte> Vector(long at, int elementSize) =>
        Memory(at + sizeof(int), Int32(at) * (long)elementSize);

    public string Text(long at)
    {
        var bytes = Vector(at, elementSize: 1).Span;
        Spend(bytes.Length);
        return Encoding.UTF8.GetString(bytes);
    }

    private void Spend(long bytes)
    {
        if ((_budget -= bytes) < 0) throw Damaged("leads to the same places again and again");
    }

    private CheckpointFormatException Damaged(string how) => new(_place, $"is damaged or cut short: it {how}.");
}
