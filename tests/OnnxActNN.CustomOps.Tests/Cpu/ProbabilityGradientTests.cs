using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Losses;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>
/// The gradients that read packed probabilities, against the formulas on the restored ones, on every tier and number of
/// threads.
/// </summary>
public sealed unsafe class ProbabilityGradientTests
{
    private static readonly PackFormat[] Formats =
    [
        new(CodeWidth.FourBits, false) { Grid = CodeGrid.Squared, Rounding = RoundingMode.Stochastic, GroupSize = 64 },
        new(CodeWidth.TwoBits, false)
        {
            Grid = CodeGrid.Squared,
            Rounding = RoundingMode.Stochastic,
            Layout = GroupLayout.Flat,
            GroupSize = 50,
        },
        new(CodeWidth.EightBits, false) { Metadata = MetadataFormat.EightBits },
    ];

    private delegate void Gradient(
        KernelTier tier, float* dY, byte* packed, long packedBytes, float* dX, IParallelLoop loop);

    [Theory]
    [InlineData("2x4x17x17")]
    [InlineData("1x2x3x128")]
    [InlineData("5x1x7x5")]
    [InlineData("1x1x1x1000")]
    [InlineData("0x2x3x4")]
    public void Of_softmax(string shape)
    {
        var dims = DimensionsOf(shape);
        var count = TestTensor.CountOf(dims);
        var sums = Draw(count / (int)dims[^1] + 1, seed: 3);
        CheckAll(
            dims, (restored, dY) => [.. restored.Select((p, i) => p * (dY[i] - sums[i / dims[^1]]))],
            (tier, dY, packed, bytes, dX, loop) =>
        {
            fixed (float* first = sums) SoftmaxGradFromPacked.Run(tier, dY, dims, packed, bytes, first, dX, loop);
        });
    }

    [Theory]
    [InlineData("mean", false, null, "9x160")]
    [InlineData("mean", true, 2L, "9x160")]
    [InlineData("sum", true, null, "40x5")]
    [InlineData("none", false, -100L, "33x11")]
    [InlineData("none", true, 3L, "2x7x6x5")]
    [InlineData("mean", true, 255L, "3x21x17")]
    [InlineData("mean", false, null, "0x10")]
    public void Of_a_softmax_s_cross_entropy(string reduction, bool isWeighted, long? ignored, string shape)
    {
        var dims = DimensionsOf(shape);
        var places = TestTensor.CountOf(dims[2..]);
        var random = new Random(6);
        var labels = Enumerable.Range(0, (int)(dims[0] * places))
            .Select(i => ignored is { } index && i % 3 == 0 ? index : random.NextInt64(dims[1])).ToArray();
        var weights = isWeighted ? Draw((int)dims[1], seed: 8).Select(Math.Abs).ToArray() : [];
        var kind = Enum.Parse<LossReduction>(reduction, ignoreCase: true);
        var upstream = Draw(kind == LossReduction.None ? labels.Length : 1, seed: 9);
        var factors = new LabelFactors(kind, ignored).Of(labels, dims[1], weights, upstream);

        var counting = labels.Select(label => label == ignored ? 0 : isWeighted ? (double)weights[label] : 1).ToArray();
        for (var i = 0; i < labels.Length; i++)
        {
            var scale = kind == LossReduction.Mean
                ? upstream[0] / counting.Sum()
                : upstream[kind == LossReduction.None ? i : 0];
            factors[i].Should().BeApproximately((float)(counting[i] * scale), 1e-5f);
        }
        CheckAll(
            dims,
            (restored, _) => [.. restored.Select((p, i) =>
            {
                var label = i / places / dims[1] * places + i % places;
                if (factors[label] == 0) return 0;
                var product = p * factors[label];
                return labels[label] == i / places % dims[1] ? product - factors[label] : product;
            })],
            (tier, _, packed, bytes, dX, loop) =>
                SoftmaxCrossEntropyLossGradFromPacked.Run(tier, dims, packed, bytes, labels, factors, dX, loop));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void What_is_ignored_stays_0_whatever_dY_is(float upstream)
    {
        foreach (var reduction in Enum.GetValues<LossReduction>())
        {
            float[] dY = reduction == LossReduction.None ? [upstream, upstream, upstream] : [upstream];
            var factors = new LabelFactors(reduction, IgnoreIndex: 255).Of([255, 1, 255], 3, [], dY);
            factors.Should().Equal([0f, upstream, 0f]);
        }
    }

    [Fact]
    public void Small_weights_are_not_lost_beside_a_large_one()
    {
        long[] labels = [0, .. Enumerable.Repeat(1L, 4000)];
        var factors = new LabelFactors(LossReduction.Mean, null).Of(labels, 2, [1e8f, 1f], [1f]);
        factors[1].Should().Be(1f / 100_004_000f);
    }

    [Fact]
    public void Labels_and_numbers_that_make_no_sense_are_refused()
    {
        var mean = new LabelFactors(LossReduction.Mean, IgnoreIndex: -1);
        mean.Of([-1, -1], 3, [], [1f]).Should().Equal([0f, 0f], "no label counts");
        var outside = () => mean.Of([3], 3, [], [1f]);
        var negative = () => mean.Of([-2], 3, [], [1f]);
        var weights = () => mean.Of([1], 3, [1f, 1f], [1f]);
        var gradient = () => new LabelFactors(LossReduction.None, null).Of([1, 2], 3, [], [1f]);
        outside.Should().Throw<ArgumentException>().WithMessage("*3*");
        negative.Should().Throw<ArgumentException>().WithMessage("*-2*");
        weights.Should().Throw<ArgumentException>().WithMessage("*weight*");
        gradient.Should().Throw<ArgumentException>().WithMessage("*dY*");
    }

    [Theory]
    [InlineData("mean", float.NaN)]
    [InlineData("sum", float.PositiveInfinity)]
    [InlineData("none", float.NegativeInfinity)]
    public void A_gradient_that_is_not_finite_leaves_ignored_labels_alone(string reduction, float upstream)
    {
        var kind = Enum.Parse<LossReduction>(reduction, ignoreCase: true);
        float[] gradients = kind == LossReduction.None ? [upstream, upstream] : [upstream];
        var factors = new LabelFactors(kind, IgnoreIndex: -100).Of([-100, 1], 3, [], gradients);
        factors[0].Should().Be(0, "its label is no class, and nothing may be written there");
        float.IsFinite(factors[1]).Should().BeFalse();
    }

    private static long[] DimensionsOf(string shape) => [.. shape.Split('x').Select(long.Parse)];

    private static void CheckAll(long[] dims, Func<float[], float[], float[]> formula, Gradient gradient)
    {
        var count = TestTensor.CountOf(dims);
        var (probabilities, dY) = (TestTensor.Draw(count, isRelu: true, seed: 4), Draw(count, seed: 5));
        foreach (var format in Formats)
        {
            var packed = TestCodec.Pack(
                KernelTier.Scalar, ElementType.Float32, TestTensor.ToBytes(probabilities, ElementType.Float32), dims,
                format, TestCodec.Key);
            var restored = TestTensor.FromBytes(
                TestCodec.Unpack(KernelTier.Scalar, ElementType.Float32, packed, dims), ElementType.Float32);
            var expected = formula(Array.ConvertAll(restored, x => (float)x), dY);
            foreach (var tier in Enum.GetValues<KernelTier>().Where(KernelTiers.IsSupported))
            {
                foreach (var loop in new IParallelLoop[] { SerialLoop.Instance, new ThreadedLoop(3) })
                {
                    // In place: dX takes over dY's buffer.
                    var dX = (float[])dY.Clone();
                    fixed (byte* codes = packed)
                    fixed (float* target = dX)
                        gradient(tier, target, codes, packed.Length, target, loop);
                    dX.Should().Equal(expected, "of {0} on {1}", format, tier);
                }
            }
        }
    }

    private static float[] Draw(int count, int seed) =>
        Array.ConvertAll(TestTensor.Draw(count, isRelu: false, seed), x => (float)x);
}
