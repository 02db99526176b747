using CsCheck;
using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Pooling;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>Packed pooling indices give the gradient of the indices themselves, in every bit.</summary>
public sealed class PoolingTests
{
    public static TheoryData<PoolingCase> Cases => [.. PoolingCase.All];

    public static TheoryData<PoolingCase, ElementType> TypedCases =>
        [.. PoolingCase.All.SelectMany(pool => Enum.GetValues<ElementType>().Select(type => (pool, type)))];

    [Theory]
    [MemberData(nameof(TypedCases), DisableDiscoveryEnumeration = true)]
    public void The_gradient_is_that_of_the_indices(PoolingCase pool, ElementType type)
    {
        var indices = pool.DrawIndices(seed: 3);
        var dY = TestTensor.ToBytes(TestTensor.Draw(indices.Length, isRelu: false, seed: 4), type);
        var expected = new double[TestTensor.CountOf(pool.Input)];
        var gradient = TestTensor.FromBytes(dY, type);
        // One addition after the other, each rounded to the type, in the order of dY.
        for (var i = 0; i < indices.Length; i++)
        {
            var sum = expected[indices[i]] + gradient[i];
            expected[indices[i]] = type == ElementType.BFloat16 ? RoundToBFloat16((float)sum) : RoundTrip(sum, type);
        }
        var packed = Pack(pool, indices);
        Gradient(pool, type, dY, packed).Should().Equal(TestTensor.ToBytes(expected, type));
        Gradient(pool, type, dY, packed, new ThreadedLoop(3)).Should().Equal(TestTensor.ToBytes(expected, type));
    }

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Threads_do_not_change_the_packed_bytes(PoolingCase pool) =>
        Pack(pool, pool.DrawIndices(seed: 5), new ThreadedLoop(4)).Should()
            .Equal(Pack(pool, pool.DrawIndices(seed: 5)));

    [Theory]
    [InlineData(2, 2)]
    [InlineData(4, 2)]
    [InlineData(5, 4)]
    [InlineData(16, 4)]
    [InlineData(17, 8)]
    [InlineData(256, 8)]
    public void Offsets_take_2_4_or_8_bits(long elements, int bits) =>
        new PoolingWindow([elements]).OffsetBits.Should().Be(bits);

    [Fact]
    public void An_index_outside_its_window_is_stored_as_an_element_within_it()
    {
        var pool = PoolingCase.All.ElementAt(3);
        var indices = pool.DrawIndices(seed: 1);
        indices[0] = -12;
        indices[7] = long.MaxValue;
        var dY = TestTensor.ToBytes(TestTensor.Draw(indices.Length, isRelu: false, seed: 4), ElementType.Float64);
        var dX = TestTensor.FromBytes(
            Gradient(pool, ElementType.Float64, dY, Pack(pool, indices)), ElementType.Float64);
        dX.Sum().Should().BeApproximately(TestTensor.FromBytes(dY, ElementType.Float64).Sum(), 1e-9);
    }

    [Fact]
    public void Damaged_bytes_give_a_typed_error_or_values()
    {
        var cases = PoolingCase.All.ToArray();
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Byte, Gen.Int[-2, 2], Gen.Int[0, cases.Length - 1])
            .Sample(
                (position, value, longer, number) => UnpackDamaged(cases[number], position, value, longer), iter: 3000);
    }

    [Fact]
    public void Indices_of_another_shape_are_refused()
    {
        var pool = PoolingCase.All.ElementAt(3);
        var packed = Pack(pool, pool.DrawIndices(seed: 1));
        long[] other = [2, 3, 4, 6];
        var read = () => IndexLayout.Read(packed, packed.Length, other);
        read.Should().Throw<PackedFormatException>();
        var shorter = () => IndexLayout.Read(packed, packed.Length - 1, pool.Output);
        shorter.Should().Throw<PackedFormatException>();
    }

    [Fact]
    public void An_input_that_the_windows_do_not_reach_over_is_refused()
    {
        foreach (var pool in PoolingCase.All)
        {
            var dY = new byte[sizeof(float) * TestTensor.CountOf(pool.Output)];
            var packed = Pack(pool, pool.DrawIndices(seed: 1));
            for (var axis = 0; axis < pool.Kernel.Length; axis++)
            {
                long[] longer = [.. pool.Input];
                var reach = pool.Output[axis + 2] * pool.Strides[axis] + (pool.Kernel[axis] - 1) * pool.Dilations[axis];
                longer[axis + 2] = reach - pool.Pads[axis] + 1;
                var read = () => Gradient(longer, pool.Output, ElementType.Float32, dY, packed);
                read.Should().Throw<PackedFormatException>().WithMessage("*reach*");
            }
        }
    }

    private static unsafe void UnpackDamaged(PoolingCase pool, int position, byte value, int longer)
    {
        var packed = Pack(pool, pool.DrawIndices(seed: 2));
        packed[position % 2 == 0 ? position / 2 % IndexLayout.HeaderSize : position / 2 % packed.Length] = value;
        Array.Resize(ref packed, packed.Length + (position % 3 == 0 ? longer : 0));
        using var source = new GuardedBuffer(packed.Length);
        using var dY = new GuardedBuffer(
            sizeof(float) * TestTensor.CountOf(pool.Output));
        using var dX = new GuardedBuffer(
            sizeof(float) * TestTensor.CountOf(pool.Input));
        packed.CopyTo(source.Bytes);
        try
        {
            MaxPoolGradient.Run(
                ElementType.Float32, dY.Pointer, pool.Output, source.Pointer, source.Length, dX.Pointer, pool.Input,
                SerialLoop.Instance);
        }
        catch (PackedFormatException)
        {
            // The one error that damage may give.
        }
    }

    /// <summary>The packed indices of a pool.</summary>
    internal static unsafe byte[] Pack(PoolingCase pool, long[] indices, IParallelLoop? loop = null)
    {
        var layout = IndexLayout.Create(pool.Output, pool.Window);
        var packed = new byte[layout.TotalBytes];
        fixed (long* source = indices)
        fixed (byte* target = packed)
            IndexPack.Run(
                source, layout, pool.Input.AsSpan(2), pool.Output.AsSpan(2), target, loop ?? SerialLoop.Instance);
        return packed;
    }

    internal static byte[] Gradient(
        PoolingCase pool, ElementType type, byte[] dY, byte[] packed, IParallelLoop? loop = null) =>
        Gradient(pool.Input, pool.Output, type, dY, packed, loop);

    private static unsafe byte[] Gradient(
        long[] input, long[] output, ElementType type, byte[] dY, byte[] packed, IParallelLoop? loop = null)
    {
        var dX = new byte[TestTensor.CountOf(input) * ElementTypes.SizeOf(type)];
        fixed (byte* gradient = dY, codes = packed, target = dX)
            MaxPoolGradient.Run(type, gradient, output, codes, packed.Length, target, input,
                loop ?? SerialLoop.Instance);
        return dX;
    }

    private static double RoundTrip(double value, ElementType type) =>
        TestTensor.FromBytes(TestTensor.ToBytes([value], type), type)[0];

    /// <summary>
    /// To nearest, ties to even; the sum of two bfloat16 is exact in float32 here or rounded once more.
    /// </summary>
    private static double RoundToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000);
    }
}
