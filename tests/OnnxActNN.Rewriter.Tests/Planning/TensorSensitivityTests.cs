using FluentAssertions;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.Sensitivity;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Planning;

/// <summary>What a measurement with one code says of others.</summary>
public sealed class TensorSensitivityTests
{
    private const double Tolerance = 1e-9;

    /// <summary>What a tensor in groups of 64 has of the variance that it has in whole ones.</summary>
    private const double Share = 0.5;

    private static readonly TensorSensitivity Predicted = new(100, 100, 100)
    {
        Finer = [new GroupShares(64, Share, Share)],
    };

    /// <summary>
    /// Sources of rebuilt tensors are measured in smaller groups than others: these are no measure of large ones.
    /// </summary>
    [Fact]
    public void A_measurement_holds_for_the_groups_that_it_was_made_with()
    {
        var small = new PackFormat(CodeWidth.TwoBits, zeroExact: false)
        {
            GroupSize = 64,
            Metadata = MetadataFormat.EightBits,
        };
        var measured = TensorSensitivity.FromMeasurement(small, variance: 3, squaredBias: 2, Predicted);
        var whole = small with { GroupSize = PackFormat.DefaultGroupSize };

        measured.VarianceAt(small).Should().BeApproximately(3, Tolerance);
        measured.CostAt(small).Should().BeApproximately(3 + 2, Tolerance);
        measured.VarianceAt(whole).Should().BeApproximately(3 / Share, Tolerance);
        measured.CostAt(whole).Should().BeApproximately(3 / Share + 2 / (Share * Share), Tolerance);
    }
}
