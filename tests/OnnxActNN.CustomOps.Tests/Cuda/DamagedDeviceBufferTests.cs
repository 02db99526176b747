using CsCheck;
using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Tests.Cpu;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cuda;

/// <summary>
/// Damaged packed tensors on the device: where the CPU throws, all values are NaN; else they are the CPU's.
/// </summary>
public sealed class DamagedDeviceBufferTests
{
    private static readonly long[] s_dims = [5, 211];

    [Fact]
    public void Mutations_of_any_byte_give_NaN_or_the_values_of_the_CPU()
    {
        EmulatedCuda.Require();
        var kernels = KernelCase.All.ToArray();
        var mutation = Gen.Select(Gen.Int[0, int.MaxValue], Gen.Byte, Gen.Int[-3, 3], Gen.Int[0, kernels.Length - 1]);
        mutation.Sample(
            (position, value, longer, kernel) => Compare(kernels[kernel], value, position, longer), iter: 1500,
            threads: 1);
    }

    private static void Compare(KernelCase kernel, byte value, int position, int longer)
    {
        var x = TestTensor.ToBytes(TestTensor.Draw(5 * 211, kernel.ZeroExact, seed: 3), kernel.Type);
        var packed = TestCodec.Pack(KernelTier.Scalar, kernel.Type, x, s_dims, kernel.Format(100), TestCodec.Key);
        // Half of the mutations go to the header.
        packed[position % 2 == 0 ? position / 2 % PackedHeader.Size : position / 2 % packed.Length] = value;
        Array.Resize(ref packed, packed.Length + (position % 3 == 0 ? longer : 0));
        var actual = TestTensor.FromBytes(
            TestCodec.Unpack(new CudaBinding(), kernel.Type, packed, s_dims), kernel.Type);
        try
        {
            var expected = TestTensor.FromBytes(
                TestCodec.Unpack(KernelTier.Scalar, kernel.Type, packed, s_dims), kernel.Type);
            actual.Should().Equal(expected, (left, right) => left.Equals(right));
        }
        catch (PackedFormatException)
        {
            actual.Should().OnlyContain(element => double.IsNaN(element));
        }
    }
}
