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
        var indices = pool.Elements.Select(
            window => window.Aggregate((best, next) => values[next] > values[best] ? next : best)).ToArray();

        var (packed, y) = Run(pool, type, x, SerialLoop.Instance);

        y.Should().Equal(TestTensor.ToBytes([.. indices.Select(index => values[index])], type));
        var dY = TestTensor.ToBytes(TestTensor.Draw(indices.Length, isRelu: false, seed: 4), type);
        PoolingTests.Gradient(pool, type, dY, packed).Should()
            .Equal(
                PoolingTests.Gradient(pool, type, dY, PoolingTests.Pack(pool, indices)),
                "the offsets are of the same elements");
        Run(pool, type, x, new ThreadedLoop(3)).Should().BeEquivalentTo((packed, y));
    }

    [Theory]
    [InlineData(double.NaN, false, double.MinValue, 3, 3)]
    [InlineData(double.NegativeInfinity, false, double.MinValue, 3, 3)]
    [InlineData(double.NaN, true, double.NaN, double.NaN, 2)]
    [InlineData(double.NegativeInfinity, true, double.NegativeInfinity, 3, 3)]
    public void What_is_not_above_that_with_which_the_search_begins_is_not_seen(
        double value, bool fromFirst, double first, double second, long index)
    {
        var pool = new PoolingCase([1, 1, 4], [2], [2], [1], [0, 0], false);
        var x = TestTensor.ToBytes([value, value, value, 3], ElementType.Float64);

        var (packed, y) = Run(pool, ElementType.Float64, x, SerialLoop.Instance, fromFirst);

        TestTensor.FromBytes(y, ElementType.Float64).Should().Equal(first, second);
        packed.Should().Equal(PoolingTests.Pack(pool, [0, index]));
    }

    [Fact]
    public void The_output_has_as_many_windows_as_fit()
    {
        foreach (var pool in PoolingCase.All)
            pool.Window.OutputOf(pool.Input, pool.CeilMode).Should().Equal(pool.Output);
    }

    [Theory]
    [InlineData(4, 5, 1, false)]
    [InlineData(3, 5, 2, true)]
    public void A_window_must_fit(long size, long kernel, long stride, bool isCeil)
    {
        var tooLarge = () => new PoolingWindow([kernel], [stride]).OutputOf([1, 1, size], isCeil);
        tooLarge.Should().Throw<ArgumentException>().WithMessage("*5 does not fit axis 2*");
    }

    [Theory]
    [InlineData(3, 2, 1, 1, true)]
    [InlineData(3, 2, 1, 2, false)]
    [InlineData(2, 3, 1, 0, false)]
    [InlineData(2, 3, 2, 0, true)]
    public void A_last_window_starts_inside_whatever_the_size_where_stride_and_padding_are_no_more_than_it_reaches_over(
        long kernel, long stride, long dilation, long padEnd, bool expected)
    {
        var window = new PoolingWindow([kernel], [stride], [dilation], [0, padEnd]);
        var reach = (kernel - 1) * dilation + 1;

        window.StartsInside.Should().Be(expected);
        Enumerable.Range(12, 12).All(size => Pooled(size) == (size + padEnd - reach + stride - 1) / stride + 1)
            .Should().Be(expected, "otherwise some size has a window that starts behind");

        long Pooled(long size) => window.OutputOf([1, 1, size], isCeil: true)[2];
    }

    /// <summary>Few different values, so that windows hold equal ones: the first counts.</summary>
    internal static byte[] DrawInput(PoolingCase pool, ElementType type)
    {
        var random = new Random(6);
        return TestTensor.ToBytes(
            [.. Enumerable.Range(0, TestTensor.CountOf(pool.Input))
            .Select(_ => (double)random.Next(-6, 7))], type);
    }

    internal static (byte[] Packed, byte[] Y) Run(
        PoolingCase pool, ElementType type, byte[] x, IParallelLoop loop, bool fromFirst = false)
    {
        var layout = IndexLayout.Create(pool.Output, pool.Window);
        var (packed, y) =
            (new byte[layout.TotalBytes],
            new byte[TestTensor.CountOf(pool.Output) * ElementTypes.SizeOf(type)]);
        fixed (byte* source = x, codes = packed, target = y)
        {
            MaxPoolIndexPack.Run(
                type, source, layout, pool.Input.AsSpan(2), pool.Output.AsSpan(2), fromFirst, codes, target, loop);
        }
        return (packed, y);
    }
}
