using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>What the kernels of every tier and of CUDA must do; bound to each by a class of its own.</summary>
public abstract class KernelContract
{
    private const int LongestSwept = 257;

    private static readonly int[] s_groupSizes = [1, 7, 16, 49, 64, 196, 256];

    private readonly KernelBinding _kernels;

    private protected KernelContract(KernelTier tier)
    {
        Assert.SkipUnless(KernelTiers.IsSupported(tier), $"This process cannot use {tier}.");
        _kernels = tier;
    }

    private protected KernelContract(KernelBinding kernels) => _kernels = kernels;

    public static TheoryData<KernelCase> Cases => [.. KernelCase.All];

    public static TheoryData<KernelCase> ZeroExactCases => [.. KernelCase.All.Where(kernel => kernel.ZeroExact)];

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Every_length_gives_the_reference_bits(KernelCase kernel)
    {
        for (var length = 0; length <= LongestSwept; length++)
            AssertReferenceBits(kernel, [length], kernel.Format(256), Draw(kernel, length));
    }

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Lengths_around_each_group_size_give_the_reference_bits(KernelCase kernel)
    {
        foreach (var groupSize in s_groupSizes)
        {
            int[] lengths = [groupSize - 1, groupSize, groupSize + 1, 2 * groupSize + 1, 40 * groupSize + 3];
            foreach (var length in lengths)
            {
                AssertReferenceBits(kernel, [length], kernel.Format(groupSize), Draw(kernel, length));
                var flat = kernel.Format(groupSize) with { Layout = GroupLayout.Flat };
                AssertReferenceBits(kernel, [2, length], flat, Draw(kernel, 2 * length));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Special_values_give_the_reference_bits(KernelCase kernel)
    {
        double[] specials =
        [
            double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, 0.0, 1e-45, -1e-45, 1e-310, 6e-8, -6e-8,
            65504, -65504, 3e38, -3e38, 1e300, 1,
        ];
        var random = new Random(5);
        for (var trial = 0; trial < 40; trial++)
        {
            var values = Draw(kernel, 300);
            for (var i = 0; i < 4; i++)
                values[random.Next(values.Length)] = specials[random.Next(specials.Length)];
            AssertReferenceBits(kernel, [values.Length], kernel.Format(50), values);
        }
    }

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Values_of_any_magnitude_give_the_reference_bits(KernelCase kernel)
    {
        // From subnormal floats over subnormal float16 to ranges whose multiples a float does not hold.
        foreach (var unit in new[] { 1e-40, 1e-33, 3e-8, 1e-6, 1e-5, 1e-4, 1e-3, 300, 3e4, 1e35, 1e38, 1.5e38, 1.9e38 })
        {
            double[] values = [.. Draw(kernel, 700).Select(value => value * unit)];
            AssertReferenceBits(kernel, [values.Length], kernel.Format(100), values);
        }
    }

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public unsafe void No_byte_outside_the_buffers_is_touched(KernelCase kernel)
    {
        foreach (var length in new[] { 1, 5, 15, 16, 17, 33, 49, 63, 64, 65, 127, 129, 196, 255, 257, 1000 })
        {
            foreach (var againstUpperGuard in new[] { false, true })
            {
                long[] dims = [length];
                var layout = PackedLayout.Create(dims, kernel.Format(100));
                var bytes = TestTensor.ToBytes(Draw(kernel, length), kernel.Type);
                using var x = new GuardedBuffer(bytes.Length, againstUpperGuard);
                using var packed = new GuardedBuffer((int)layout.TotalBytes, againstUpperGuard);
                using var y = new GuardedBuffer(bytes.Length, againstUpperGuard);
                bytes.CopyTo(x.Bytes);
                _kernels.Pack(kernel.Type, x.Pointer, packed.Pointer, layout, TestCodec.Key, SerialLoop.Instance);
                _kernels.Unpack(
                    kernel.Type, packed.Pointer, packed.Length, dims, y.Pointer, UnpackOutput.Value,
                    SerialLoop.Instance);
                x.Bytes.SequenceEqual(bytes).Should().BeTrue("the input is only read");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Any_number_of_threads_gives_the_same_bits(KernelCase kernel)
    {
        long[] dims = [3, 5, 1234];
        var x = TestTensor.ToBytes(Draw(kernel, 3 * 5 * 1234), kernel.Type);
        var packed = TestCodec.Pack(_kernels, kernel.Type, x, dims, kernel.Format(100), TestCodec.Key);
        var y = TestCodec.Unpack(_kernels, kernel.Type, packed, dims);
        foreach (var threads in new[] { 2, 3, 7 })
        {
            var loop = new ThreadedLoop(threads);
            TestCodec.Pack(_kernels, kernel.Type, x, dims, kernel.Format(100), TestCodec.Key, loop).Should()
                .Equal(packed);
            TestCodec.Unpack(_kernels, kernel.Type, packed, dims, UnpackOutput.Value, loop).Should().Equal(y);
        }
    }

    /// <summary>
    /// More slices than samples, an odd number of them, rows of one plane, of a sample and of the last axis, groups of
    /// many lengths.
    /// </summary>
    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void A_slice_has_the_bits_that_it_has_in_the_whole_tensor(KernelCase kernel)
    {
        var format = kernel.Format(50);
        PackFormat[] formats =
            [format with { GroupAxis = 2 }, format, format with { Layout = GroupLayout.Flat },
            format with { Shares = new WidthShares(190, 90, 30) }];
        foreach (var dims in new long[][] { [7, 3, 5, 11], [2, 2, 4, 33], [3, 17] })
        {
            var values = Draw(kernel, (int)dims.Aggregate((product, size) => product * size));
            foreach (var packFormat in formats.Where(candidate => candidate.GroupAxis < dims.Length))
            {
                var packed = TestCodec.Pack(
                    KernelTier.Scalar, kernel.Type, TestTensor.ToBytes(values, kernel.Type), dims, packFormat,
                    TestCodec.Key);
                foreach (var output in Enum.GetValues<UnpackOutput>()) AssertSlices(kernel, packed, dims, output);
            }
        }
    }

    private void AssertSlices(KernelCase kernel, byte[] packed, long[] dims, UnpackOutput output)
    {
        var whole = TestCodec.Unpack(KernelTier.Scalar, kernel.Type, packed, dims, output);
        foreach (var count in new[] { 2, 3, 5 })
        {
            for (var index = 0; index < count; index++)
            {
                var slice = BatchSlice.Create(index, count);
                var found = TestCodec.Unpack(_kernels, kernel.Type, packed, dims, slice, output, new ThreadedLoop(2));
                found.AsSpan().SequenceEqual(TestCodec.Cut(whole, kernel.Type, dims, slice))
                    .Should().BeTrue("slice {0} of {1} of {2}, {3}", index, count, string.Join('x', dims), output);
            }
        }
    }

    [Theory]
    [MemberData(nameof(ZeroExactCases), DisableDiscoveryEnumeration = true)]
    public void Zeros_and_only_zeros_of_a_zero_exact_tensor_have_code_0(KernelCase kernel)
    {
        var values = TestTensor.Draw(3000, isRelu: true, seed: 4);
        (values[17], values[18]) = (kernel.Type == ElementType.Float64 ? 1e-300 : 1e-7, -0.0);
        long[] dims = [30, 100];
        var x = TestTensor.ToBytes(values, kernel.Type);
        var packed = TestCodec.Pack(_kernels, kernel.Type, x, dims, kernel.Format(100), TestCodec.Key);
        var decoded = TestTensor.FromBytes(TestCodec.Unpack(_kernels, kernel.Type, packed, dims), kernel.Type);
        var nonzero = TestTensor.FromBytes(
            TestCodec.Unpack(_kernels, kernel.Type, packed, dims, UnpackOutput.Nonzero), kernel.Type);
        for (var i = 0; i < values.Length; i++)
        {
            nonzero[i].Should().Be(values[i] > 0 ? 1 : 0, "element {0} is {1}", i, values[i]);
            if (values[i] == 0)
                decoded[i].Should().Be(0);
        }
    }

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void A_value_that_is_not_finite_makes_its_group_NaN_and_no_other(KernelCase kernel)
    {
        foreach (var special in new[] { double.NaN, -double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            var values = Draw(kernel, 600);
            values[250] = special;
            var decoded = TestCodec.RoundTrip(_kernels, kernel.Type, values, kernel.Format(100), TestCodec.Key);
            for (var i = 0; i < values.Length; i++)
                double.IsNaN(decoded[i]).Should().Be(i is >= 200 and < 300, "element {0} with {1}", i, special);
        }
    }

    /// <summary>A squared grid has no range below 0 that the one above could add to.</summary>
    public static TheoryData<KernelCase> CasesOfRanges => [.. KernelCase.Uniform];

    [Theory]
    [MemberData(nameof(CasesOfRanges), DisableDiscoveryEnumeration = true)]
    public void A_range_that_overflows_makes_its_group_NaN(KernelCase kernel)
    {
        var largest = kernel.Type switch { ElementType.Float16 => 65504.0, _ => 3.4e38 };
        var values = new double[64];
        (values[3], values[60]) = (kernel.ZeroExact ? largest : -largest, largest);
        var decoded = TestCodec.RoundTrip(_kernels, kernel.Type, values, kernel.Format(64), TestCodec.Key);
        decoded.Should().AllSatisfy(value => double.IsNaN(value).Should().BeTrue());
    }

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Constant_groups_at_a_value_that_the_metadata_holds_are_exact(KernelCase kernel)
    {
        // bfloat16 holds −2.5 and 2.5; the 8-bit minimum is a multiple of a step, which is 0 for 0 alone.
        double[] constants = kernel switch
        {
            { IsPositive: true } or { Metadata: MetadataFormat.EightBits } => [0],
            _ => [0, -2.5, 2.5],
        };
        foreach (var constant in constants)
        {
            var values = Enumerable.Repeat(constant, 77).ToArray();
            TestCodec.RoundTrip(_kernels, kernel.Type, values, kernel.Format(64), TestCodec.Key).Should().Equal(values);
        }
    }

    private static double[] Draw(KernelCase kernel, int count) =>
        TestTensor.Draw(count, kernel.IsPositive, seed: 1 + count);

    private void AssertReferenceBits(KernelCase kernel, long[] dims, PackFormat format, double[] values)
    {
        var x = TestTensor.ToBytes(values, kernel.Type);
        var expected = TestCodec.Pack(KernelTier.Scalar, kernel.Type, x, dims, format, TestCodec.Key);
        var packed = TestCodec.Pack(_kernels, kernel.Type, x, dims, format, TestCodec.Key);
        packed.AsSpan().SequenceEqual(expected).Should().BeTrue("packed {0} of {1}", kernel, string.Join('x', dims));
        foreach (var output in Enum.GetValues<UnpackOutput>())
        {
            var reference = TestCodec.Unpack(KernelTier.Scalar, kernel.Type, packed, dims, output);
            var y = TestCodec.Unpack(_kernels, kernel.Type, packed, dims, output);
            y.AsSpan().SequenceEqual(reference).Should()
                .BeTrue("{0} {1} of {2}", output, kernel, string.Join('x', dims));
        }
    }
}
