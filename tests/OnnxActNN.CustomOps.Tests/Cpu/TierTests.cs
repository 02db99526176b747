using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

public sealed class TierTests
{
    /// <summary>
    /// Set by the script that starts the tests once per tier; tells the tests, nothing in the product reads it.
    /// </summary>
    private const string ExpectedTier = "ONNXACTNN_EXPECT_TIER";

    [Fact]
    public void The_tier_is_the_one_that_this_run_of_the_tests_is_for()
    {
        var expected = Environment.GetEnvironmentVariable(ExpectedTier);
        Assert.SkipWhen(
            string.IsNullOrEmpty(expected), $"{ExpectedTier} is not set: this run is for no particular tier.");
        KernelTiers.Current.Should().Be(Enum.Parse<KernelTier>(expected!));
        for (var above = KernelTiers.Current + 1; above <= KernelTier.Avx512; above++)
            KernelTiers.IsSupported(above).Should().BeFalse("{0} is switched off", above);
    }

    [Fact]
    public void The_current_tier_and_the_reference_can_be_used()
    {
        KernelTiers.IsSupported(KernelTiers.Current).Should().BeTrue();
        KernelTiers.IsSupported(KernelTier.Scalar).Should().BeTrue();
    }
}
