using System.Buffers.Binary;
using System.Text;

namespace OnnxActNN.Tools.Exporting;

/// <summary>
/// Writes Python's pickle format, protocol 2: dictionaries, lists, texts and whole numbers, which is all that a
/// memory snapshot has.
/// </summary>
/// <remarks>
/// Containers are written in place: an item that follows <see cref="OpenList"/> or <see cref="OpenDictionary"/> belongs
/// to it, in a dictionary keys and values in turn.
/// </remarks>
internal sealed class PickleWriter : IDisposable
{
    private const byte Protocol = 0x80, EmptyDictionary = (byte)'}', EmptyList = (byte)']', Mark = (byte)'(', SetItems =
        (byte)'u', Appends = (byte)'e', Text = (byte)'X', Int32 = (byte)'J', Long = 0x8a, Stop = (byte)'.';

    private readonly MemoryStream _stream = new();

    public PickleWriter()
    {
        _stream.WriteByte(Protocol);
        _stream.WriteByte(2);
    }

    public void OpenDictionary() => Open(EmptyDictionary);

    public void CloseDictionary() => _stream.WriteByte(SetItems);

    public void OpenList() => Open(EmptyList);

    public void CloseList() => _stream.WriteByte(Appends);

    /// <summary>
    /// Hands the items so far to the open list. Readers take the items of one part as arguments of a call, so
    /// parts stay small.
    /// </summary>
    public void BreakList()
    {
        _stream.WriteByte(Appends);
        _stream.WriteByte(Mark);
    }

    public void Write(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        _stream.WriteByte(Text);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        _stream.Write(length);
        _stream.Write(bytes);
    }

    public void Write(long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        if (number is >= int.MinValue and <= int.MaxValue)
        {
            _stream.WriteByte(Int32);
            _stream.Write(bytes[..sizeof(int)]);
            return;
        }
        _stream.WriteByte(Long);
        _stream.WriteByte(sizeof(long));
        _stream.Write(bytes);
    }

    /// <summary>Ends the pickle.</summary>
    public byte[] ToArray()
    {
        _stream.WriteByte(Stop);
        return _stream.ToArray();
    }

    public void Dispose() => _stream.Dispose();

    private void Open(byte container)
    {
        _stream.WriteByte(container);
        _stream.WriteByte(Mark);
    }
}
