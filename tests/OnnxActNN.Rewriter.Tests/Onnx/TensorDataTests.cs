using System.Runtime.InteropServices;
using FluentAssertions;
using Google.Protobuf;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Onnx.Proto;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Onnx;

/// <summary>Elements read from every encoding of a tensor.</summary>
public sealed class TensorDataTests
{
    [Fact]
    public void Integers_are_the_same_from_raw_bytes_and_from_typed_fields()
    {
        Integers(DataType.Int64, Raw<long>(-1, 2), tensor => tensor.Int64Data.Add([-1, 2])).Should().Equal(-1, 2);
        Integers(DataType.Int32, Raw(-1, 2), tensor => tensor.Int32Data.Add([-1, 2])).Should().Equal(-1, 2);
        Integers(DataType.Int16, Raw<short>(-1, 2), tensor => tensor.Int32Data.Add([-1, 2])).Should().Equal(-1, 2);
        Integers(DataType.UInt16, Raw<ushort>(65535, 2), tensor => tensor.Int32Data.Add([65535, 2])).Should()
            .Equal(65535, 2);
        Integers(DataType.Int8, Raw<sbyte>(-1, 2), tensor => tensor.Int32Data.Add([-1, 2])).Should().Equal(-1, 2);
        Integers(DataType.UInt8, Raw<byte>(255, 2), tensor => tensor.Int32Data.Add([255, 2])).Should().Equal(255, 2);
        Integers(DataType.Bool, Raw<byte>(1, 0), tensor => tensor.Int32Data.Add([1, 0])).Should().Equal(1, 0);
        Integers(DataType.UInt32, Raw(uint.MaxValue, 0u), tensor => tensor.Uint64Data.Add([uint.MaxValue, 0])).Should()
            .Equal(uint.MaxValue, 0);
    }

    [Fact]
    public void Floats_are_the_same_from_raw_bytes_and_from_typed_fields()
    {
        Floats(DataType.Float, Raw(1.5f, -2f), tensor => tensor.FloatData.Add([1.5f, -2])).Should().Equal(1.5, -2);
        Floats(DataType.Double, Raw(1.5, -2), tensor => tensor.DoubleData.Add([1.5, -2])).Should().Equal(1.5, -2);
        Floats(DataType.Float16, Raw((Half)1.5, (Half)(-2)), tensor => tensor.Int32Data.Add([0x3e00, 0xc000])).Should()
            .Equal(1.5, -2);
        Floats(DataType.BFloat16, Raw<ushort>(0x3fc0, 0xc000), tensor => tensor.Int32Data.Add([0x3fc0, 0xc000]))
            .Should().Equal(1.5, -2);
    }

    [Fact]
    public void Parts_of_a_tensor_are_read_by_byte()
    {
        var tensor = Data(DataType.Int32, message => message.Int32Data.Add([1, 2]));
        var part = new byte[4];

        tensor.ByteCount.Should().Be(8);
        tensor.ReadBytes(4, part);

        part.Should().Equal(2, 0, 0, 0);
        var beyond = () => tensor.ReadBytes(5, part);
        var before = () => tensor.ReadBytes(-1, part);
        beyond.Should().Throw<ArgumentOutOfRangeException>();
        before.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void A_constant_made_by_a_pass_reads_like_one_from_a_file()
    {
        var part = new byte[8];

        DenseTensorData.Integers(1, -2).ReadBytes(8, part);

        BitConverter.ToInt64(part).Should().Be(-2);
        DenseTensorData.Floats([2], [1, 2]).ByteCount.Should().Be(8);
    }

    [Fact]
    public void A_segment_is_not_taken_for_the_whole_tensor()
    {
        var tensor = Data(DataType.Float, message =>
        {
            message.FloatData.Add(1);
            message.Segment = new TensorProto.Types.Segment { Begin = 0, End = 1 };
        });

        tensor.TryGetFloats().Should().BeNull();
        var read = () => tensor.ReadBytes(0, new byte[8]);
        read.Should().Throw<OnnxFormatException>().WithMessage("*segment*");
    }

    [Fact]
    public void Texts_have_no_bytes_of_fixed_size()
    {
        var tensor = Data(DataType.String, message => message.StringData.Add([ByteString.Empty, ByteString.Empty]));

        tensor.ByteCount.Should().BeNull();
        var read = () => tensor.ReadBytes(0, new byte[1]);
        read.Should().Throw<InvalidOperationException>();
    }

    private static byte[] Raw<T>(params T[] elements)
        where T : unmanaged => MemoryMarshal.AsBytes(elements.AsSpan()).ToArray();

    private static long[]? Integers(DataType type, byte[] raw, Action<TensorProto> fill)
    {
        var typed = Data(type, fill);
        var fromRaw = Data(type, message => message.RawData = ByteString.CopyFrom(raw)).TryGetIntegers();
        typed.TryGetIntegers().Should().Equal(fromRaw);
        Bytes(typed).Should().Equal(raw);
        return fromRaw;
    }

    private static double[]? Floats(DataType type, byte[] raw, Action<TensorProto> fill)
    {
        var typed = Data(type, fill);
        var fromRaw = Data(type, message => message.RawData = ByteString.CopyFrom(raw)).TryGetFloats();
        typed.TryGetFloats().Should().Equal(fromRaw);
        Bytes(typed).Should().Equal(raw);
        return fromRaw;
    }

    private static byte[] Bytes(TensorData data)
    {
        var bytes = new byte[data.ByteCount!.Value];
        data.ReadBytes(0, bytes);
        return bytes;
    }

    private static ProtoTensorData Data(DataType type, Action<TensorProto> fill)
    {
        var message = new TensorProto { DataType = (int)type, Dims = { 2 } };
        fill(message);
        return new ProtoTensorData(message, new Place("test"), folder: null);
    }
}
