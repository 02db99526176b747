using FluentAssertions;
using OnnxActNN.CustomOps.Cpu.Elements;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

public sealed class Float16ElementTests
{
    [Fact]
    public unsafe void Every_float16_is_read_as_its_value()
    {
        for (var bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var half = BitConverter.UInt16BitsToHalf((ushort)bits);
            var read = Float16Element.Read(&half, 0);
            var expected = (float)half;
            // A float's Equals takes every NaN as the same, and 0 as −0.
            read.Equals(expected).Should().BeTrue("{0:x} is {1}", bits, expected);
            float.IsNegative(read).Should().Be(float.IsNegative(expected), "{0:x} is {1}", bits, expected);
        }
    }
}
