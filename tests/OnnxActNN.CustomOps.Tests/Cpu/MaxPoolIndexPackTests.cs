using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Pooling;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>A pool that packs its indices itself gives MaxPool's elements and their gradient.</summary>
public sealed unsafe class MaxPoolIndexPackTests
{
    public static TheoryData<PoolingCase, ElementType> Cases =>
        [.. PoolingCase.All.SelectMany(pool => Enum.GetValues<ElementType>().Select(type => (pool, type)))];

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void It_is_the_pool_and_the_pack_of_its_indices(PoolingCase pool, ElementType type)
    {
        var x = DrawInput(pool, type);
        var values = TestTensor.FromBytes(x, type);
        var indices = pool.Elements.Select(window => window.Aggregate((best, next) => values[next] > values[best] ? next : best)).ToArray();

        var (packed, y) = Run(pool, type, x, SerialLoop.Instance);

        y.Should().Equal(TestTensor.ToBytes([.. indices.Select(index => values[index])], type));
        var dY = TestTensor.ToBytes(TestTensor.Draw(indices.Length, isRelu: false, seed: 4), type);
        PoolingTests.Gradient(pool, type, dY, packed).Should().Equal(PoolingTests.Gradient(pool, type, dY, PoolingTests.Pack(pool, indices)), "the offsets are of the same elements");
        Run(pool, type, x, new ThreadedLoop(3)).Should().BeEquivalentTo((packed, y));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public void What_is_not_above_the_least_finite_number_is_not_seen(double value)
    {
        var pool = new PoolingCase([1, 1, 4], [2], [2], [1], [0, 0], false);
        var x = TestTensor.ToBytes([value, value, value, 3], ElementType.Float64);

        var (packed, y) = Run(pool, ElementType.Float64, x, SerialLoop.Instance);

        TestTensor.FromBytes(y, ElementType.Float64).Should().Equal(double.MinValue, 3);
        packed.Should().Equal(PoolingTests.Pack(pool, [0, 3]));
    }

    [Fact]
    public void The_output_has_as_many_windows_as_fit()
    {
        foreach (var pool in PoolingCase.All.Where(pool => !pool.CeilMode))
            pool.Window.OutputOf(pool.Input, pool.Pads.AsSpan(pool.Kernel.Length)).Should().Equal(pool.Output);
        var tooLarge = () => new PoolingWindow([5]).OutputOf([1, 1, 4], [0]);
        tooLarge.Should().Throw<ArgumentException>().WithMessage("*5 does not fit axis 2*");
    }

    /// <summary>Few different values, so that windows hold equal ones: the first counts.</summary>
    internal static byte[] DrawInput(PoolingCase pool, ElementType type)
    {
        var random = new Random(6);
        return TestTensor.ToBytes([.. Enumerable.Range(0, (int)pool.Input.Aggregate(1L, (product, size) => product * size)).Select(_ => (double)random.Next(-6, 7))], type);
    }

    internal static (byte[] Packed, byte[] Y) Run(PoolingCase pool, ElementType type, byte[] x, IParallelLoop loop)
    {
        var layout = IndexLayout.Create(pool.Output, pool.Window);
        var (packed, y) = (new byte[layout.TotalBytes], new byte[pool.Output.Aggregate(1L, (product, size) => product * size) * ElementTypes.SizeOf(type)]);
        fixed (byte* source = x, codes = packed, target = y)
            MaxPoolIndexPack.Run(type, source, layout, pool.Input.AsSpan(2), pool.Output.AsSpan(2), codes, target, loop);
        return (packed, y);
    }
}
