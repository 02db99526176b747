using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>
/// The scalar reference against the formulas of docs/operators-format.md, in float64 and read byte by byte.
/// </summary>
public sealed class ReferenceFormulaTests
{
    private const int Length = 203;

    public static TheoryData<KernelCase> Cases =>
        [.. KernelCase.All.Where(c => c.Type == ElementType.Float32 && c.Metadata == MetadataFormat.BFloat16)];

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Codes_and_values_are_those_of_the_formula(KernelCase kernel)
    {
        var values = TestTensor.Draw(Length, kernel.IsPositive, seed: 2).Select(v => (double)(float)v).ToArray();
        var format = kernel.Format(256);
        var x = TestTensor.ToBytes(values, kernel.Type);
        var packed = TestCodec.Pack(KernelTier.Scalar, kernel.Type, x, [Length], format, TestCodec.Key);
        var decoded = TestTensor.FromBytes(
            TestCodec.Unpack(KernelTier.Scalar, kernel.Type, packed, [Length]), kernel.Type);
        var (minimum, step) = ReadMetadata(packed, kernel);
        for (var i = 0; i < Length; i++)
        {
            var v = Dither(kernel.Width, i);
            var code = CodeAt(packed, kernel.Width, i);
            var unrounded = (kernel.Grid == CodeGrid.Squared
                ? BetweenSquares(values[i] / step)
                : (values[i] - minimum) / step) + v;
            var expected = kernel.ZeroExact && values[i] == 0 ? 0 : Math.Floor(unrounded);
            // float32 may fall on the other side of an integer that float64 just misses.
            if (Math.Abs(unrounded - Math.Round(unrounded)) > 1e-4)
                code.Should().Be((int)expected, "element {0}", i);
            var shift = kernel.Rounding == RoundingMode.Dither ? 0.5 - v : 0;
            var level = kernel.Grid == CodeGrid.Squared ? code * code : code + shift;
            var value = kernel.ZeroExact && code == 0 ? 0 : level * step + minimum;
            decoded[i].Should().BeApproximately(value, 1e-6 * (Math.Abs(minimum) + format.Steps * step));
        }
    }

    private static double BetweenSquares(double x)
    {
        var root = Math.Floor(Math.Sqrt(x));
        return root + (x - root * root) / (2 * root + 1);
    }

    private static (double Minimum, double Step) ReadMetadata(byte[] packed, KernelCase kernel)
    {
        double Read(int index) => BitConverter.UInt32BitsToSingle(
            (uint)BitConverter.ToUInt16(packed, (int)PackedLayout.MetadataOffset + 2 * index) << 16);
        return kernel.IsPositive ? (kernel.ZeroExact ? -Read(0) : 0, Read(0)) : (Read(0), Read(1));
    }

    private static double Dither(CodeWidth width, int element)
    {
        var columns = CodeWidths.Columns(width, Length);
        var groupKey = CounterRandom.GroupKey(CounterRandom.TensorKey(TestCodec.Key), 0);
        var bits = CounterRandom.Bits16(
            groupKey, SlotOf(element, (int)columns), element / 2 % columns, CodeWidths.SlotsPerColumn(width));
        var m = CodeWidths.FractionBits(width);
        return ((bits & ((1 << m) - 1)) + 0.5) / (1 << m);
    }

    private static int SlotOf(int element, int columns) => 2 * (element / 2 / columns) + element % 2;

    /// <summary>The code of an element, as docs/operators-format.md draws its bits.</summary>
    private static int CodeAt(byte[] packed, CodeWidth width, int element)
    {
        var layout = PackedLayout.Create([Length], new PackFormat(width, width != CodeWidth.OneBit));
        var codes = packed[^(int)CodeWidths.CodeBytes(width, Length)..];
        var columns = (int)CodeWidths.Columns(width, Length);
        var (slot, column) = (SlotOf(element, columns), element / 2 % columns);
        layout.GroupCount.Should().Be(1);
        int ByteAt(int index) => index * columns + column < codes.Length ? codes[index * columns + column] : 0;
        return width switch
        {
            CodeWidth.EightBits => ByteAt(slot),
            CodeWidth.FourBits => (ByteAt(0) >> (4 * slot)) & 15,
            CodeWidth.TwoBits => (ByteAt(0) >> new[] { 0, 4, 2, 6 }[slot]) & 3,
            CodeWidth.OneBit => (ByteAt(0) >> new[] { 0, 4, 1, 5, 2, 6, 3, 7 }[slot]) & 1,
            CodeWidth.ThreeLevels => ByteAt(slot % 2) / new[] { 1, 3, 9, 27, 81 }[slot / 2] % 3,
            _ => ((ByteAt(0) | ByteAt(1) << 8 | ByteAt(2) << 16) >> new[] { 0, 12, 3, 15, 6, 18, 9, 21 }[slot]) & 7,
        };
    }
}
