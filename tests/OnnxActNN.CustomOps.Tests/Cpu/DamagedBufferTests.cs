using CsCheck;
using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>
/// Damaged packed tensors give a typed error or some values, and never touch a byte that is not theirs.
/// </summary>
public sealed class DamagedBufferTests
{
    private static readonly long[] s_dims = [5, 211];

    [Fact]
    public void Mutations_of_any_byte_give_a_typed_error_or_values()
    {
        var kernels = KernelCase.All.ToArray();
        var mutation = Gen.Select(Gen.Int[0, int.MaxValue], Gen.Byte, Gen.Int[-3, 3], Gen.Int[0, kernels.Length - 1]);
        mutation.Sample(
            (position, value, longer, kernel) => UnpackDamaged(kernels[kernel], value, position, longer), iter: 4000);
    }

    [Fact]
    public void Header_mutations_never_pass_as_another_format()
    {
        var kernel = KernelCase.All.First();
        foreach (var position in Enumerable.Range(0, 24))
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var packed = Pack(kernel);
                packed[position] ^= (byte)(1 << bit);
                var unpack = () => TestCodec.Unpack(KernelTiers.Current, kernel.Type, packed, s_dims);
                // Other attributes of equal size are a valid tensor of another meaning; all else is refused.
                if (position is >= 8 and < 11 or >= 12 and < 20)
                    continue;
                unpack.Should().Throw<PackedFormatException>("byte {0}, bit {1}", position, bit);
            }
        }
    }

    [Fact]
    public void Another_shape_type_or_length_is_refused()
    {
        var kernel = KernelCase.All.First();
        var packed = Pack(kernel);
        var shape = () => TestCodec.Unpack(KernelTiers.Current, kernel.Type, packed, [5, 210]);
        var type = () => TestCodec.Unpack(KernelTiers.Current, ElementType.Float64, packed, s_dims);
        var shorter = () => TestCodec.Unpack(KernelTiers.Current, kernel.Type, packed[..^1], s_dims);
        var empty = () => TestCodec.Unpack(KernelTiers.Current, kernel.Type, [], s_dims);
        var huge = () => PackedHeader.Read(packed).LayoutFor([long.MaxValue, long.MaxValue], packed.Length);
        shape.Should().Throw<PackedFormatException>();
        type.Should().Throw<PackedFormatException>();
        shorter.Should().Throw<PackedFormatException>();
        empty.Should().Throw<PackedFormatException>();
        huge.Should().Throw<PackedFormatException>();
    }

    private static unsafe void UnpackDamaged(KernelCase kernel, byte value, int position, int longer)
    {
        var packed = Pack(kernel);
        // Half of the mutations go to the header.
        packed[position % 2 == 0 ? position / 2 % PackedHeader.Size : position / 2 % packed.Length] = value;
        Array.Resize(ref packed, packed.Length + (position % 3 == 0 ? longer : 0));
        using var source = new GuardedBuffer(packed.Length);
        using var target = new GuardedBuffer((int)(s_dims[0] * s_dims[1]) * ElementTypes.SizeOf(kernel.Type));
        packed.CopyTo(source.Bytes);
        try
        {
            UnpackDequant.Run(
                KernelTiers.Current, kernel.Type, source.Pointer, source.Length, s_dims, target.Pointer,
                UnpackOutput.Value, SerialLoop.Instance);
        }
        catch (PackedFormatException)
        {
            // The one error that damage may give.
        }
    }

    private static byte[] Pack(KernelCase kernel)
    {
        var x = TestTensor.ToBytes(TestTensor.Draw(5 * 211, kernel.IsPositive, seed: 3), kernel.Type);
        return TestCodec.Pack(KernelTiers.Current, kernel.Type, x, s_dims, kernel.Format(100), TestCodec.Key);
    }
}
