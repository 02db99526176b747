using CsCheck;
using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Tests.Cpu;
using OnnxActNN.CustomOps.Tests.Format;
using OnnxActNN.Format;
using OnnxActNN.GpuCheck;
using OnnxActNN.GpuCheck.Contracts;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cuda;

/// <summary>
/// Groups with widths of their own on the device: the CPU's bytes, table and codes, whatever the number of thread
/// blocks; and its values, for all that read packed tensors.
/// </summary>
public sealed unsafe class CudaMixedWidthTests
{
    private static readonly PackFormat[] s_formats =
    [
        .. PackFormats.Mixed,
        new PackFormat(CodeWidth.TwoBits, zeroExact: false)
        {
            GroupSize = 77,
            Layout = GroupLayout.Flat,
            Shares = new WidthShares(255, 128, 1),
        },
        new PackFormat(CodeWidth.ThreeBits, zeroExact: true) { GroupSize = 40, Shares = new WidthShares(200, 0, 0) },
    ];

    private static readonly Gen<PackFormat> s_anyFormat = Gen.Select(
        Gen.Int[0, s_formats.Length - 1], WidthSharesTests.Ordered,
        (index, shares) => s_formats[index] with { Shares = shares });

    public CudaMixedWidthTests() => EmulatedCuda.Require();

    [Fact]
    public void Packs_and_values_of_any_shape_are_those_of_the_CPU() =>
        Gen.Select(s_anyFormat, Gen.Int[0, 40], Gen.Int[1, 300], Gen.Int[0, 3], Gen.Int[0, 1 << 20]).Sample(
            (format, rows, row, type, seed) => Check(Enum.GetValues<ElementType>()[type], [rows, row], format, seed),
            iter: 250, threads: 1);

    [Fact]
    public void Every_order_places_groups_as_on_the_CPU() =>
        Gen.Select(
            Gen.Int[0, PackFormats.Ordered.Count() - 1], WidthSharesTests.Ordered,
            Gen.Long[1, 9], Gen.Long[1, 5], Gen.Long[1, 200],
            Gen.Select(Gen.Int[-1, 2], Gen.Int[0, 3], Gen.Int[0, 1 << 20])).Sample(
            (index, shares, samples, channels, plane, rest) =>
            {
                var (axis, type, seed) = rest;
                Check(
                    Enum.GetValues<ElementType>()[type], [samples, channels, plane],
                    PackFormats.Ordered.ElementAt(index) with { Shares = shares, GroupAxis = axis }, seed);
            },
            iter: 200, threads: 1);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(AllocationMemory.MostParts)]
    public void Any_number_of_thread_blocks_gives_the_same_bytes(int mostParts)
    {
        // Three tiles of groups; many ranges are the same, so that the order of the groups decides.
        long[] dims = [9000, 16];
        foreach (var of in (PackFormat[])[s_formats[0], s_formats[^1]])
        {
            var format = of with { GroupSize = 16 };
            var x = TestTensor.ToBytes(Draw(9000, 16, format.HasStepAlone, seed: 4, scales: 5), ElementType.Float32);
            var expected = TestCodec.Pack(KernelTier.Scalar, ElementType.Float32, x, dims, format, TestCodec.Key);
            var device = EmulatedCuda.Device;
            var layout = PackedLayout.Create(dims, format);
            var packed = DeviceCall.Run(device, [x], [layout.TotalBytes], (given, written) => CudaMixedPack.Run(
                device.Stream, ElementType.Float32, (void*)given[0], (byte*)written[0], layout, TestCodec.Key,
                mostParts));
            packed[0].Should().Equal(expected);
            TestCodec.Unpack(new CudaBinding(), ElementType.Float32, expected, dims)
                .Should().Equal(TestCodec.Unpack(KernelTier.Scalar, ElementType.Float32, expected, dims));
        }
    }

    [Fact]
    public void Groups_of_one_range_and_groups_that_are_not_finite_are_placed_as_on_the_CPU()
    {
        foreach (var format in s_formats.Concat(PackFormats.Ordered))
        {
            var values = Enumerable.Repeat(1.5, 50 * 64).ToArray();
            Check(ElementType.Float32, [10, 5, 64], format, values);
            for (var row = 0; row < 50; row += 3)
                values[row * 64 + row] = row % 2 == 0 ? double.NaN : double.PositiveInfinity;
            Check(ElementType.Float32, [10, 5, 64], format, values);
            // Wider than a float32 can tell.
            (values[64], values[65]) = (float.MaxValue, -float.MaxValue);
            Check(ElementType.Float32, [10, 5, 64], format, values);
        }
    }

    [Fact]
    public void Shares_at_their_ends_give_the_reference_bytes()
    {
        WidthShares[] ends = [new(1, 0, 0), new(255, 255, 255), new(255, 0, 0), new(255, 255, 0), new(128, 128, 128)];
        foreach (var shares in ends)
            Check(ElementType.Float32, [37, 130], s_formats[0] with { Shares = shares }, seed: 3);
    }

    [Fact]
    public void All_that_read_packed_tensors_read_these()
    {
        var result = new ContractResult(TextWriter.Null);
        foreach (var format in s_formats)
        {
            foreach (var dims in (long[][])[[4, 6, 7, 7], [2, 3, 56, 56], [64, 10]])
            {
                var ofPlanes = format with { GroupAxis = dims.Length > 2 ? 2 : -1 };
                NormalizationContract.Check(EmulatedCuda.Device, dims, ofPlanes, result);
            }
            LayerNormalizationContract.Check(EmulatedCuda.Device, [3, 17, 257], format, result);
            if (format.ZeroExact) continue;
            CudaSoftmaxTests.Check([2, 3, 50, 50], format);
            LossContract.Check(EmulatedCuda.Device, [40, 70], format, result);
        }
        result.Checks.Should().BeGreaterThan(100);
        result.Failures.Should().Be(0);
    }

    [Fact]
    public void A_table_with_other_numbers_of_groups_gives_NaN()
    {
        var packed = PackOf(s_formats[0]);
        foreach (var bit in Enumerable.Range(0, 40))
        {
            var damaged = (byte[])packed.Clone();
            damaged[PackedLayout.TableOffset + bit / 8] ^= (byte)(1 << (bit % 8));
            Unpack(new CudaBinding(), damaged).Should().OnlyContain(value => double.IsNaN(value));
        }
    }

    [Fact]
    public void Mutations_of_any_byte_give_NaN_or_the_values_of_the_CPU()
    {
        var mutation = Gen.Select(Gen.Int[0, int.MaxValue], Gen.Byte, Gen.Int[-3, 3], Gen.Int[0, s_formats.Length - 1]);
        mutation.Sample(
            (position, value, longer, index) =>
            {
                var packed = PackOf(s_formats[index]);
                // Half of the mutations go to header and table.
                packed[position / 2 % (position % 2 == 0 ? PackedHeader.Size + 8 : packed.Length)] = value;
                Array.Resize(ref packed, packed.Length + (position % 3 == 0 ? longer : 0));
                var actual = Unpack(new CudaBinding(), packed);
                try
                {
                    var expected = Unpack(KernelTier.Scalar, packed);
                    actual.Should().Equal(expected, (left, right) => left.Equals(right));
                }
                catch (PackedFormatException)
                {
                    actual.Should().OnlyContain(element => double.IsNaN(element));
                }
            },
            iter: 600, threads: 1);
    }

    [Fact]
    public void A_stream_that_is_being_captured_is_refused()
    {
        var device = EmulatedCuda.Device;
        var layout = PackedLayout.Create([20, 64], s_formats[0]);
        using var x = device.Allocate(20 * 64 * sizeof(float));
        using var packed = device.Allocate(layout.TotalBytes);
        CudaDriverTests.Capture(device, true);
        try
        {
            var pack = () => CudaQuantizePack.Run(
                device.Stream, ElementType.Float32, x.Address, packed.Address, layout, TestCodec.Key);
            pack.Should().Throw<OperatorException>().WithMessage("*CUDA graph*");
        }
        finally
        {
            CudaDriverTests.Capture(device, false);
        }
    }

    /// <summary>Compares the device with the CPU.</summary>
    internal static void Check(ElementType type, long[] dims, PackFormat format, int seed)
    {
        var rows = TestTensor.CountOf(dims[..^1]);
        Check(type, dims, format, Draw(rows, (int)dims[^1], format.HasStepAlone, seed, scales: 1000));
    }

    private static void Check(ElementType type, long[] dims, PackFormat format, double[] values)
    {
        var cuda = new CudaBinding();
        var x = TestTensor.ToBytes(values, type);
        var packed = TestCodec.Pack(KernelTier.Scalar, type, x, dims, format, TestCodec.Key);
        TestCodec.Pack(cuda, type, x, dims, format, TestCodec.Key).Should().Equal(packed, "of {0}", format);
        foreach (var output in Enum.GetValues<UnpackOutput>())
        {
            var expected = TestCodec.Unpack(KernelTier.Scalar, type, packed, dims, output);
            TestCodec.Unpack(cuda, type, packed, dims, output).Should().Equal(expected, "{0} of {1}", output, format);
        }
        if (!format.ZeroExact) return;
        TestMasks.FromCodes(cuda, type, x, dims, packed)
            .Should().Equal(TestMasks.FromCodes(KernelTier.Scalar, type, x, dims, packed));
    }

    /// <summary>Twenty groups of 64.</summary>
    private static byte[] PackOf(PackFormat format)
    {
        var x = TestTensor.ToBytes(Draw(20, 64, format.HasStepAlone, seed: 2, scales: 1000), ElementType.Float32);
        return TestCodec.Pack(
            KernelTier.Scalar, ElementType.Float32, x, [20, 64],
            format with { GroupSize = 64, Layout = GroupLayout.Row }, TestCodec.Key);
    }

    private static double[] Unpack(KernelBinding kernels, byte[] packed) =>
        TestTensor.FromBytes(TestCodec.Unpack(kernels, ElementType.Float32, packed, [20, 64]), ElementType.Float32);

    /// <summary>Rows whose spreads differ by up to 2⁶, in so many steps.</summary>
    private static double[] Draw(int rows, int row, bool isPositive, int seed, int scales)
    {
        var random = new Random(seed);
        var values = TestTensor.Draw(rows * row, isPositive, seed);
        for (var i = 0; i < rows; i++)
        {
            var scale = Math.Pow(2, 6.0 * random.Next(scales) / scales - 3);
            foreach (ref var value in values.AsSpan(i * row, row)) value *= scale;
        }
        return values;
    }
}
