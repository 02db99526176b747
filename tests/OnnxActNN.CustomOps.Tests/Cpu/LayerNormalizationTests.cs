using System.Runtime.InteropServices;
using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>
/// The kernels that read a packed tensor as layer normalization does, against the formulas on the restored tensor.
/// </summary>
public sealed unsafe class LayerNormalizationTests
{
    /// <summary>float32 sums of some thousand elements in 16 lanes, relative to the sum of magnitudes.</summary>
    private const double SumTolerance = 1e-5;

    private const int Seed = 21;

    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            string[] shapes = ["2x9|48", "3x17|257", "70|5", "5|4500", "2|3x7x7", "6|1", "4x2|16x3", "0x3|48"];
            foreach (var shape in shapes)
            {
                foreach (var format in new[] { "row 64", "row 256", "flat 256", "row 64 eight" })
                    data.Add(shape, format);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_forward_value_is_the_formula_s(string shape, string format)
    {
        var test = new Case(shape, format);
        foreach (var (hasMean, hasBias) in new[] { (true, true), (false, false) })
        {
            var y = test.Forward(hasMean, hasBias, SerialLoop.Instance);
            for (var i = 0; i < y.Length; i++)
            {
                var (row, column) = (i / test.Columns, i % test.Columns);
                var offset = hasMean ? -test.Mean[row] * test.Inverse[row] : 0f;
                var value = (test.Restored[i] * test.Inverse[row] + offset) * test.Scale[column];
                y[i].Should().Be(hasBias ? value + test.Bias[column] : value, "element {0}", i);
            }
            test.Forward(hasMean, hasBias, new ThreadedLoop(3)).Should().Equal(y);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_gradient_is_the_formula_s(string shape, string format)
    {
        var test = new Case(shape, format);
        foreach (var hasMean in new[] { true, false })
        {
            var (dX, dScale, dBias) = test.Gradient(hasMean, inPlace: false, SerialLoop.Instance);
            var (ofScale, ofBias) = (new Sum[test.Columns], new Sum[test.Columns]);
            for (var row = 0; row < test.Inverse.Length; row++)
            {
                var normalized = test.Normalized(row, hasMean);
                var gradient = Enumerable.Range(0, test.Columns)
                    .Select(c => (double)test.Dy[row * test.Columns + c] * test.Scale[c]).ToArray();
                var mean = hasMean ? gradient.Average() : 0;
                var product = gradient.Zip(normalized, (g, n) => g * n).Average();
                for (var c = 0; c < test.Columns; c++)
                {
                    var i = row * test.Columns + c;
                    ofScale[c].Add(test.Dy[i] * normalized[c]);
                    ofBias[c].Add(test.Dy[i]);
                    var corrected = gradient[c]
                        * (1 + test.Variance[i] * Math.Pow(test.Inverse[row], 2) / test.Columns);
                    var expected = test.Inverse[row] * (corrected - mean - normalized[c] * product);
                    dX[i].Should().BeApproximately(
                        (float)expected, 1e-4f * (1 + Math.Abs((float)normalized[c])), "element {0}", i);
                }
            }
            for (var c = 0; c < test.Columns; c++)
            {
                dScale[c].Should()
                    .BeApproximately((float)ofScale[c].Value, (float)(SumTolerance * ofScale[c].Magnitude + 1e-30));
                dBias[c].Should()
                    .BeApproximately((float)ofBias[c].Value, (float)(SumTolerance * ofBias[c].Magnitude + 1e-30));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_gradient_s_bits_depend_on_nothing_but_the_data(string shape, string format)
    {
        var test = new Case(shape, format);
        var (dX, dScale, dBias) = test.Gradient(hasMean: true, inPlace: false, SerialLoop.Instance);
        foreach (var threads in new[] { 2, 3, 7 })
        {
            foreach (var inPlace in new[] { false, true })
            {
                var other = test.Gradient(hasMean: true, inPlace, new ThreadedLoop(threads));
                other.X.Should().Equal(dX);
                other.Scale.Should().Equal(dScale);
                other.Bias.Should().Equal(dBias);
            }
        }
        foreach (var tier in Enum.GetValues<KernelTier>().Where(KernelTiers.IsSupported))
        {
            var found = test.Gradient(hasMean: true, inPlace: false, SerialLoop.Instance, tier);
            found.X.Should().Equal(dX);
            found.Scale.Should().Equal(dScale);
        }
    }

    /// <summary>
    /// Over many draws of the code, dX is the exact one's on average: of 2 bits, where without the term for the error's
    /// variance it is off by more than ten standard errors.
    /// </summary>
    [Fact]
    public void The_gradient_is_unbiased()
    {
        const int Draws = 4000;
        const double LargestZ = 5; // 96 elements: chance passes it once in 18,000 such tests.
        var sums = new Sum[96];
        var squares = new double[96];
        var uncorrected = new Sum[96];
        var exact = Array.Empty<double>();
        for (var draw = 0; draw < Draws; draw++)
        {
            var test = new Case("2|48", "row 64", run: draw);
            exact = test.ExactGradient();
            var dX = test.Gradient(hasMean: true, inPlace: false, SerialLoop.Instance).X;
            for (var i = 0; i < dX.Length; i++)
            {
                sums[i].Add(dX[i] - exact[i]);
                squares[i] += Math.Pow(dX[i] - exact[i], 2);
                var inverse = test.Inverse[i / 48];
                uncorrected[i].Add(
                    dX[i] - exact[i] - Math.Pow(inverse, 3) * test.Variance[i] / 48 * test.Dy[i] * test.Scale[i % 48]);
            }
        }

        double Z(Sum sum, int i) => Math.Abs(sum.Value) / Math.Sqrt(squares[i] - sum.Value * sum.Value / Draws);
        Enumerable.Range(0, 96).Max(i => Z(sums[i], i)).Should().BeLessThan(LargestZ);
        Enumerable.Range(0, 96).Max(i => Z(uncorrected[i], i)).Should().BeGreaterThan(2 * LargestZ);
    }

    [Fact]
    public void Rows_that_do_not_divide_the_elements_are_refused()
    {
        var test = new Case("2x9|48", "row 64");
        var call = () => test.Open(KernelTier.Scalar, rows: 7);
        call.Should().Throw<ArgumentException>().WithMessage("864 elements do not make up 7 rows*");
    }

    private struct Sum
    {
        public double Value;
        public double Magnitude;

        public void Add(double x)
        {
            Value += x;
            Magnitude += Math.Abs(x);
        }
    }

    /// <summary>A packed tensor, what it is restored to, and numbers to go with it.</summary>
    private sealed class Case
    {
        private readonly long[] _dims;
        private readonly byte[] _packed;
        private readonly float[] _x;

        /// <param name="shape">Dimensions; those behind the bar are normalized.</param>
        /// <param name="format">The code.</param>
        /// <param name="run">Which draw of the code's noise.</param>
        public Case(string shape, string format, int run = 0)
        {
            _dims = [.. shape.Split('x', '|').Select(long.Parse)];
            var count = TestTensor.CountOf(_dims);
            Columns = TestTensor.CountOf(shape.Split('|')[1].Split('x').Select(long.Parse));
            var words = format.Split(' ');
            var packFormat = new PackFormat(CodeWidth.TwoBits, zeroExact: false)
            {
                Layout = words[0] == "flat" ? GroupLayout.Flat : GroupLayout.Row,
                GroupSize = int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture),
                GroupAxis = -1,
                Metadata = words.Length > 2 ? MetadataFormat.EightBits : MetadataFormat.BFloat16,
            };
            var random = new Random(Seed);
            _x = Draw(count);
            var bytes = MemoryMarshal.AsBytes<float>(_x).ToArray();
            _packed = TestCodec.Pack(
                KernelTier.Scalar, ElementType.Float32, bytes, _dims, packFormat,
                TestCodec.Key with { Run = 100 + run });
            Restored = [
                .. MemoryMarshal.Cast<byte, float>(
                    TestCodec.Unpack(KernelTier.Scalar, ElementType.Float32, _packed, _dims))];
            Dy = Draw(count);
            var rows = Columns == 0 ? 0 : count / Columns;
            var parts = Enumerable.Range(0, rows).Select(row => _x.AsSpan(row * Columns, Columns).ToArray()).ToArray();
            Mean = [.. parts.Select(part => part.Average())];
            Inverse = [
                .. parts.Select(
                    part => (float)(1 / Math.Sqrt(part.Average(x => Math.Pow(x - part.Average(), 2)) + 1e-3)))];
            (Scale, Bias) = (Draw(Columns), Draw(Columns));
            Variance = GroupVariances.Of(_packed, _dims, packFormat);

            float[] Draw(int length) =>
                [.. Enumerable.Range(0, length).Select(_ => (float)(2 * random.NextDouble() - 1))];
        }

        public int Columns { get; }

        public float[] Restored { get; }

        public float[] Dy { get; }

        public float[] Scale { get; }

        public float[] Bias { get; }

        public float[] Mean { get; }

        public float[] Inverse { get; }

        /// <summary>Of each element's error: step² / 12 of its group.</summary>
        public double[] Variance { get; }

        public double[] Normalized(int row, bool hasMean) =>
            [.. Enumerable.Range(row * Columns, Columns)
                .Select(i => (Restored[i] - (hasMean ? Mean[row] : 0.0)) * Inverse[row])];

        /// <summary>dX from the tensor that was packed.</summary>
        public double[] ExactGradient()
        {
            var result = new double[_x.Length];
            for (var row = 0; row < Inverse.Length; row++)
            {
                var normalized = Enumerable.Range(row * Columns, Columns)
                    .Select(i => ((double)_x[i] - Mean[row]) * Inverse[row]).ToArray();
                var gradient = Enumerable.Range(0, Columns).Select(c => (double)Dy[row * Columns + c] * Scale[c])
                    .ToArray();
                var product = gradient.Zip(normalized, (g, n) => g * n).Average();
                for (var c = 0; c < Columns; c++)
                    result[row * Columns + c] =
                        Inverse[row] * (gradient[c] - gradient.Average() - normalized[c] * product);
            }
            return result;
        }

        public float[] Forward(bool hasMean, bool hasBias, IParallelLoop loop)
        {
            var y = new float[Restored.Length];
            fixed (byte* packed = _packed)
            fixed (float* target = y, scale = Scale, bias = Bias, mean = Mean, inverse = Inverse)
            {
                LayerNormalizationFromPacked.Run(
                    PackedPlanes.OfRows(KernelTiers.Current, packed, _packed.Length, _dims, Inverse.Length),
                    new RowStatistics(scale, inverse, hasMean ? mean : null), hasBias ? bias : null, target, loop);
            }
            return y;
        }

        public (float[] X, float[] Scale, float[] Bias) Gradient(
            bool hasMean, bool inPlace, IParallelLoop loop, KernelTier? tier = null)
        {
            float[] dY = [.. Dy];
            var dX = inPlace ? dY : new float[dY.Length];
            var (dScale, dBias) = (new float[Columns], new float[Columns]);
            fixed (byte* packed = _packed)
            fixed (float* source = dY, target = dX, ofScale = dScale, ofBias = dBias, scale = Scale, mean = Mean,
                inverse = Inverse)
            {
                LayerNormalizationGradFromPacked.Run(
                    source, PackedPlanes.OfRows(
                        tier ?? KernelTiers.Current, packed, _packed.Length, _dims, Inverse.Length),
                    new RowStatistics(scale, inverse, hasMean ? mean : null), target, ofScale, ofBias, loop);
            }
            return (dX, dScale, dBias);
        }

        public long Open(KernelTier tier, long rows)
        {
            fixed (byte* packed = _packed) return PackedPlanes.OfRows(tier, packed, _packed.Length, _dims, rows).Planes;
        }
    }
}
