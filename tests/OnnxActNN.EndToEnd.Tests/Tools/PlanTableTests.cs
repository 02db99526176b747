using FluentAssertions;
using OnnxActNN.Rewriter.Plans;
using OnnxActNN.Tools.Rendering;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Tools;

/// <summary>What <c>plan</c> prints of the largest batch.</summary>
public sealed class PlanTableTests
{
    [Theory]
    [InlineData(37L, "The largest batch that fits is 37.")]
    [InlineData(BitPlan.MostSamples, "The largest batch that fits is 1048576 or more.")]
    [InlineData(null, "The graph's batch is fixed")]
    public void The_largest_batch_is_told(long? largest, string text) =>
        Print(BudgetKind.PeakBytes, largest).Should().Contain(text);

    [Fact]
    public void Under_another_budget_nothing_is_said_of_it() =>
        Print(BudgetKind.AverageBits, largest: null).Should().Contain("FITS").And.NotContain("batch");

    private static string Print(BudgetKind kind, long? largest)
    {
        var output = new StringWriter();
        var plan = new BitPlan
        {
            Model = "",
            Budget = new PlanBudget(kind, 3),
            Verdict = PlanVerdict.Fits,
            LargestBatch = largest,
            Tensors = [],
        };
        PlanTable.Write(output, plan, all: false);
        return output.ToString();
    }
}
