using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Tests.Cpu;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cuda;

/// <summary>Packed pooling indices on the device are the CPU's in every bit.</summary>
public sealed unsafe class CudaPoolingTests
{
    public CudaPoolingTests() => EmulatedCuda.Require();

    public static TheoryData<PoolingCase, ElementType> Cases =>
        [.. PoolingCase.All.SelectMany(pool => Enum.GetValues<ElementType>().Select(type => (pool, type)))];

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Indices_and_gradients_are_those_of_the_CPU(PoolingCase pool, ElementType type) => Check(pool, type);

    /// <summary>Packs indices and takes a gradient from them, on the device and on the CPU.</summary>
    internal static void Check(PoolingCase pool, ElementType type)
    {
        var indices = pool.DrawIndices(seed: 3);
        var packed = PoolingTests.Pack(pool, indices);
        Pack(pool, indices).Should().Equal(packed);
        var dY = TestTensor.ToBytes(TestTensor.Draw(indices.Length, isRelu: false, seed: 4), type);
        Gradient(pool, type, dY, packed).Should().Equal(PoolingTests.Gradient(pool, type, dY, packed));
    }

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Pools_that_pack_their_indices_are_those_of_the_CPU(PoolingCase pool, ElementType type)
    {
        CheckPool(pool, type);
        CheckPool(pool, type, fromFirst: true);
    }

    internal static void CheckPool(PoolingCase pool, ElementType type, bool fromFirst = false)
    {
        var x = MaxPoolIndexPackTests.DrawInput(pool, type);
        // The first window holds nothing that counts.
        if (type == ElementType.Float32 && pool.Input.Length == 3) x.AsSpan(0, 4 * (int)pool.Kernel[0]).Fill(0xff);
        var (packed, y) = MaxPoolIndexPackTests.Run(pool, type, x, SerialLoop.Instance, fromFirst);
        var device = EmulatedCuda.Device;
        using var source = device.Allocate(x.Length);
        using var codes = device.Allocate(packed.Length);
        using var target = device.Allocate(y.Length);
        source.Write(x);

        var layout = IndexLayout.Create(pool.Output, pool.Window);
        CudaPooling.Pool(
            device.Stream, type, source.Address, layout, pool.Input, pool.Output, fromFirst, codes.Address,
            target.Address);

        var (foundPacked, foundY) = (new byte[packed.Length], new byte[y.Length]);
        codes.Read(foundPacked);
        target.Read(foundY);
        foundPacked.Should().Equal(packed);
        foundY.Should().Equal(y);
    }

    [Fact]
    public void An_index_outside_its_window_is_stored_as_on_the_CPU()
    {
        foreach (var pool in PoolingCase.All)
        {
            var indices = pool.DrawIndices(seed: 1);
            (indices[0], indices[^1]) = (-12, long.MaxValue);
            Pack(pool, indices).Should().Equal(PoolingTests.Pack(pool, indices));
        }
    }

    [Fact]
    public void A_buffer_that_holds_no_such_indices_gives_NaN()
    {
        var pool = PoolingCase.All.ElementAt(3);
        var indices = pool.DrawIndices(seed: 1);
        var dY = TestTensor.ToBytes(TestTensor.Draw(indices.Length, isRelu: false, seed: 4), ElementType.Float32);
        foreach (var position in new[] { 0, 4, 5, 6, 7, 8, 16, 24, 30, 70, 95 })
        {
            var packed = PoolingTests.Pack(pool, indices);
            packed[position] ^= 0x80;
            var dX = TestTensor.FromBytes(Gradient(pool, ElementType.Float32, dY, packed), ElementType.Float32);
            dX.Should().OnlyContain(element => double.IsNaN(element), "byte {0}", position);
        }
    }

    private static byte[] Pack(PoolingCase pool, long[] indices)
    {
        var device = EmulatedCuda.Device;
        var layout = IndexLayout.Create(pool.Output, pool.Window);
        using var source = device.Allocate(sizeof(long) * indices.Length);
        using var target = device.Allocate(layout.TotalBytes);
        source.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(indices.AsSpan()));
        CudaPooling.Pack(device.Stream, (long*)source.Address, layout, pool.Input, pool.Output, target.Address);
        var packed = new byte[layout.TotalBytes];
        target.Read(packed);
        return packed;
    }

    private static byte[] Gradient(PoolingCase pool, ElementType type, byte[] dY, byte[] packed)
    {
        var device = EmulatedCuda.Device;
        var dX = new byte[InputBytes(pool, type)];
        using var gradient = device.Allocate(dY.Length);
        using var source = device.Allocate(packed.Length);
        using var target = device.Allocate(dX.Length);
        gradient.Write(dY);
        source.Write(packed);
        CudaPooling.Gradient(
            device.Stream, type, gradient.Address, pool.Output, source.Address, packed.Length, target.Address,
            pool.Input);
        target.Read(dX);
        return dX;
    }

    private static long InputBytes(PoolingCase pool, ElementType type) =>
        TestTensor.CountOf(pool.Input) * ElementTypes.SizeOf(type);
}
