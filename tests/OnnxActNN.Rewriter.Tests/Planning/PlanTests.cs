using System.Text;
using FluentAssertions;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Plans;
using OnnxActNN.TestModels;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Planning;

/// <summary>Plans without a profile, and their files.</summary>
public sealed class PlanTests
{
    private const string ModelName = "residual";

    private static readonly RewriteOptions Options = new()
    {
        MinimumBytes = 0,
        Dimensions = new Dictionary<string, long> { [TestModel.BatchDimension] = 8 },
    };

    [Theory]
    [InlineData(2)]
    [InlineData(3.3)]
    public void Average_bits_are_kept(double bits)
    {
        var plan = Plan(BudgetKind.AverageBits, bits);
        plan.Verdict.Should().Be(PlanVerdict.Fits);
        plan.Tensors.Should().NotBeEmpty().And.OnlyContain(tensor => tensor.Reason.Length > 0);
        plan.RelativeVariance.Should().BeNull("there is no profile");
        var chosen = plan.Tensors.Where(IsChosen).ToList();
        chosen.Sum(tensor => tensor.Bytes / 4.0 * BitsOf(tensor)).Should()
            .BeLessThanOrEqualTo(bits * chosen.Sum(tensor => tensor.Bytes / 4.0));
    }

    [Fact]
    public void Saved_bytes_are_kept_and_counted_as_the_rewrite_counts_them()
    {
        var least = Plan(BudgetKind.SavedBytes, 1);
        least.Verdict.Should().Be(PlanVerdict.DoesNotFit);
        var budget = 2 * least.StoredBytes!.Value;
        var plan = Plan(BudgetKind.SavedBytes, budget);
        var rewritten = TrainingGraphRewriter.Rewrite(Bytes(), Options with { Plan = plan });

        plan.Verdict.Should().Be(PlanVerdict.Fits);
        plan.StoredBytes.Should().BeLessThanOrEqualTo(budget).And.BeGreaterThan(least.StoredBytes.Value);
        rewritten.Report.StoredBytes.Should().Be(plan.StoredBytes);
        plan.Tensors.Should().Contain(tensor => tensor.Decision == StorageDecision.Rebuild);
        foreach (var tensor in plan.Tensors)
            rewritten.Report.Rows.First(row => row.Name == tensor.Name).Decision.Should().Be(tensor.Decision);
        plan.LargestBatch.Should().BeGreaterThanOrEqualTo(8);
    }

    [Fact]
    public void A_graph_of_a_fixed_batch_has_no_largest_one()
    {
        var model = TestModelCatalog.Find(ModelName).Build();
        foreach (var value in model.Graph.Inputs.Concat(model.Graph.Outputs)
            .Concat(model.Graph.Nodes.SelectMany(node => node.Outputs).OfType<Value>()))
        {
            if (value.Declared is { Shape: { } shape } type)
                value.Declared = new TensorType(type.ElementType, Shape.Of(shape.Evaluate(Options.Dimensions)!));
        }
        foreach (var rewrite in new[] { Options, Options with { Dimensions = new Dictionary<string, long>() } })
        {
            var plan = TrainingGraphPlanner.Plan(
                ModelWriter.Write(model),
                new PlanRequest { Budget = new PlanBudget(BudgetKind.SavedBytes, 1e9), Rewrite = rewrite });
            plan.Verdict.Should().Be(PlanVerdict.Fits);
            plan.LargestBatch.Should().BeNull();
            plan.HasFixedBatch.Should().BeTrue();
        }
        Plan(BudgetKind.SavedBytes, 1e9).HasFixedBatch.Should().BeFalse();
        Plan(BudgetKind.AverageBits, 2).HasFixedBatch.Should().BeFalse("nobody asked");
        Plan(BudgetKind.SavedBytes, 1e15).LargestBatch.Should().Be(BitPlan.MostSamples, "more is not looked for");
    }

    [Fact]
    public void A_ratio_is_the_budget_of_bytes_that_it_comes_to()
    {
        var plan = Plan(BudgetKind.SavedRatio, 10);

        plan.Verdict.Should().Be(PlanVerdict.Fits);
        plan.Budget.Kind.Should().Be(BudgetKind.SavedBytes);
        plan.Budget.Limit.Should().Be(Math.Floor(plan.SavedBytes!.Value / 10.0));
        plan.StoredBytes.Should().BeLessThanOrEqualTo((long)plan.Budget.Limit);
    }

    /// <summary>Other groups take other bytes: without the plan's options its figures would not hold.</summary>
    [Fact]
    public void A_rewrite_under_a_plan_takes_the_options_from_it()
    {
        var options = Options with { GroupSize = 32, Metadata = MetadataFormat.EightBits, Rebuild = RebuildScope.None };
        var made = TrainingGraphPlanner.Plan(
            Bytes(), new PlanRequest { Budget = new PlanBudget(BudgetKind.AverageBits, 3), Rewrite = options });
        var plan = PlanFile.Parse(PlanFile.ToBytes(made), "plan");

        TrainingGraphRewriter.Rewrite(Bytes(), new RewriteOptions().Under(plan)).Report.StoredBytes.Should()
            .Be(plan.StoredBytes);
    }

    [Fact]
    public void Every_option_of_a_plan_reaches_a_rewrite_under_it()
    {
        var options = new PlanOptions
        {
            Width = CodeWidth.FourBits,
            AllowBiased = true,
            DerivativeCodes = false,
            DerivativeWidth = CodeWidth.ThreeBits,
            NormalizationInputs = false,
            MinimumBytes = 7,
            Rounding = RoundingMode.Stochastic,
            ZeroExact = false,
            ProbabilityCodes = false,
            Layout = GroupLayout.Flat,
            GroupSize = 32,
            Metadata = MetadataFormat.EightBits,
            Rebuild = RebuildScope.None,
        };
        foreach (var property in typeof(PlanOptions).GetProperties())
        {
            property.GetValue(options).Should().NotBe(
                property.GetValue(new PlanOptions()), $"{property.Name} would not show that it was taken");
        }
        var plan = Plan(BudgetKind.AverageBits, 2) with { Options = options };

        new PlanOptions(new RewriteOptions().Under(plan)).Should().Be(options);
        plan.Options.Should().Be(PlanFile.Parse(PlanFile.ToBytes(plan), "plan").Options);
    }

    [Theory]
    [InlineData("\"group_size\": 256", "\"group_size\": 0")]
    [InlineData("\"layout\": \"Row\"", "\"layout\": 7")]
    [InlineData("\"layout\": \"Row\",", "")]
    public void Options_that_no_code_has_or_that_are_missing_are_refused(string right, string wrong)
    {
        var text = Encoding.UTF8.GetString(PlanFile.ToBytes(Plan(BudgetKind.AverageBits, 2)));
        text.Should().Contain(right);
        var reading = () => PlanFile.Parse(Encoding.UTF8.GetBytes(text.Replace(right, wrong)), "plan");

        reading.Should().Throw<PlanFormatException>();
    }

    [Fact]
    public void A_peak_is_kept_by_the_rewritten_graph()
    {
        var least = Plan(BudgetKind.PeakBytes, 1);
        least.Verdict.Should().Be(PlanVerdict.DoesNotFit);
        var plan = Plan(BudgetKind.PeakBytes, 1.3 * least.PeakBytes!.Value);
        var rewritten = TrainingGraphRewriter.Rewrite(Bytes(), Options with { Plan = plan, OwnDimensionNames = false });

        plan.Verdict.Should().Be(PlanVerdict.Fits);
        ((double)StepPeak.Find(rewritten.Model, Options.Dimensions).Bytes).Should()
            .BeLessThanOrEqualTo(plan.Budget.Limit);
    }

    /// <summary>
    /// The graph is over what its model came to: no budget between the least plan and the original may be refused for
    /// that.
    /// </summary>
    [Fact]
    public void Every_peak_from_the_least_on_is_kept()
    {
        var least = Plan(BudgetKind.PeakBytes, 1).PeakBytes!.Value;
        var most = Plan(BudgetKind.PeakBytes, 1e12).PeakBytes!.Value;
        most.Should().BeGreaterThan(least);
        foreach (var budget in Enumerable.Range(0, 9).Select(part => least + (most - least) * part / 8)
            .Append(most - 1))
        {
            var plan = Plan(BudgetKind.PeakBytes, budget);
            plan.Verdict.Should().Be(PlanVerdict.Fits, "{0} lies between {1} and {2}", budget, least, most);
            plan.PeakBytes.Should().BeLessThanOrEqualTo(budget);
        }
    }

    [Fact]
    public void Without_a_size_or_a_profile_it_cannot_be_told()
    {
        var open = TrainingGraphPlanner.Plan(
            Bytes(), new PlanRequest { Budget = new PlanBudget(BudgetKind.SavedBytes, 1e9) });
        open.Verdict.Should().Be(PlanVerdict.Unknown);
        open.Explanation.Should().Contain("--dim");
        Plan(BudgetKind.Variance, 0.1).Verdict.Should().Be(PlanVerdict.Unknown);
    }

    [Fact]
    public void An_edited_plan_is_followed()
    {
        var plan = Plan(BudgetKind.AverageBits, 2);
        var chosen = plan.Tensors.Where(IsChosen).ToList();
        var first = chosen[0];
        var edited = plan with
        {
            Tensors =
            [
                first with { Decision = StorageDecision.Exact, Levels = 0 },
                .. chosen.Skip(1).Select(
                    tensor => tensor with { Decision = StorageDecision.Quantize, Levels = 16 }),
            ],
        };
        var report = TrainingGraphRewriter.Rewrite(
            Bytes(), Options with { Plan = PlanFile.Parse(PlanFile.ToBytes(edited), "edited") }).Report;
        report.Rows.First(row => row.Name == first.Name).Decision.Should().Be(StorageDecision.Exact);
        report.Rows.Where(row => edited.Tensors.Skip(1).Any(tensor => tensor.Name == row.Name))
            .Should().OnlyContain(row => row.Reason.Contains("4 bits"));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(WidthOrder.Range, null)]
    [InlineData(WidthOrder.RelativeRange, "relative_range")]
    [InlineData(WidthOrder.Sample, "sample")]
    [InlineData(WidthOrder.RelativeSample, "relative_sample")]
    public void Shares_of_groups_and_their_order_are_written_at_the_pack(WidthOrder? order, string? expected)
    {
        var plan = Plan(BudgetKind.AverageBits, 2);
        var tensor = plan.Tensors.First(tensor => tensor.Decision == StorageDecision.Quantize);
        var edited = plan with
        {
            Tensors = [tensor with { Levels = 4, WidthShares = [255, 100, 20], WidthOrder = order }],
        };
        var read = PlanFile.Parse(PlanFile.ToBytes(edited), "edited");
        var model = TrainingGraphRewriter.Rewrite(Bytes(), Options with { Plan = read }).Model;
        var pack = model.Graph.Nodes.Single(node => node.Attributes.GetInts(PackAttributes.WidthShares) is not null);
        pack.Input(0)!.Name.Should().Be(tensor.Name);
        pack.Attributes.GetInts(PackAttributes.WidthShares).Should().Equal(255, 100, 20);
        pack.Attributes.GetText(PackAttributes.WidthOrder, "left out").Should().Be(expected ?? "left out");
    }

    [Fact]
    public void An_order_without_shares_is_refused_and_so_is_one_that_is_none()
    {
        var plan = Plan(BudgetKind.AverageBits, 2);
        var tensor = plan.Tensors.First(tensor => tensor.Decision == StorageDecision.Quantize) with
        {
            WidthOrder = WidthOrder.Sample,
        };
        var alone = () => PlanFile.Parse(PlanFile.ToBytes(plan with { Tensors = [tensor] }), "file");
        alone.Should().Throw<PlanFormatException>().WithMessage("*width_order*");
        var bytes = PlanFile.ToBytes(plan with { Tensors = [tensor with { WidthShares = [9, 0, 0] }] });
        PlanFile.Parse(bytes, "file").Tensors[0].WidthOrder.Should().Be(WidthOrder.Sample);
        var text = Encoding.UTF8.GetString(bytes);
        text.Should().Contain("\"width_order\": \"Sample\"");
        foreach (var wrong in (string[])["\"Samples\"", "7"])
        {
            var reading = () => PlanFile.Parse(Encoding.UTF8.GetBytes(text.Replace("\"Sample\"", wrong)), "file");
            reading.Should().Throw<PlanFormatException>();
        }
    }

    [Fact]
    public void A_plan_of_another_graph_is_refused()
    {
        var other = ModelWriter.Write(TestModelCatalog.Find("mlp").Build());
        var rewriting = () =>
            TrainingGraphRewriter.Rewrite(other, Options with { Plan = Plan(BudgetKind.AverageBits, 2) });
        rewriting.Should().Throw<PlanFormatException>().WithMessage("*another graph*");
    }

    [Fact]
    public void A_planned_tensor_is_rebuilt_where_the_plan_says_so_and_its_sources_have_the_plan_s_levels()
    {
        var rebuilt = TrainingGraphRewriter.Rewrite(Bytes(), Options).Report.Rows.Where(
            row => row.Decision == StorageDecision.Rebuild)
            .Select(row => row.Name).ToHashSet();
        rebuilt.Should().NotBeEmpty();
        var coded = Plan(BudgetKind.AverageBits, 2).Tensors.Where(IsChosen)
            .Select(tensor => tensor with { Decision = StorageDecision.Quantize, Levels = 16 }).ToList();
        var plan = Plan(BudgetKind.AverageBits, 2) with
        {
            Tensors = [
                .. coded.Select(
                    tensor => rebuilt.Contains(tensor.Name)
                    ? tensor with { Decision = StorageDecision.Rebuild, Levels = 0 }
                    : tensor)],
        };

        var followed = DecisionsUnder(plan);
        rebuilt.Should().OnlyContain(name => followed[name].Decision == StorageDecision.Rebuild);
        followed.Values.Where(row => row.Decision == StorageDecision.Quantize).Should().NotBeEmpty()
            .And.OnlyContain(row => row.Reason.Contains("4 bits")).And.Contain(
                row => row.Reason.Contains("small groups"));
        DecisionsUnder(plan with { Tensors = coded }).Values.Should()
            .NotContain(row => row.Decision == StorageDecision.Rebuild);
    }

    [Theory]
    [InlineData("{}", "no onnxactnn-plan")]
    [InlineData("not json", "is no plan")]
    public void Files_that_are_no_plans_are_refused(string text, string expected)
    {
        var reading = () => PlanFile.Parse(Encoding.UTF8.GetBytes(text), "file");
        reading.Should().Throw<PlanFormatException>()
            .Where(problem => problem.Message.Contains(expected) || problem.Message.Contains("is no plan"));
    }

    [Fact]
    public void Levels_that_no_code_has_are_refused()
    {
        var plan = Plan(BudgetKind.AverageBits, 2);
        var wrong = plan with { Tensors = [plan.Tensors[0] with { Levels = 5 }] };
        var reading = () => PlanFile.Parse(PlanFile.ToBytes(wrong), "file");
        reading.Should().Throw<PlanFormatException>().WithMessage("*not 5*");
    }

    private static BitPlan Plan(BudgetKind kind, double limit) =>
        TrainingGraphPlanner.Plan(Bytes(), new PlanRequest { Budget = new PlanBudget(kind, limit), Rewrite = Options });

    private static Dictionary<string, SavedTensorRow> DecisionsUnder(BitPlan plan) =>
        TrainingGraphRewriter.Rewrite(Bytes(), Options with { Plan = plan }).Report.Rows.ToDictionary(row => row.Name);

    private static byte[] Bytes() => ModelWriter.Write(TestModelCatalog.Find(ModelName).Build());

    /// <summary>Masks and indices are what they are under any budget.</summary>
    private static bool IsChosen(PlannedTensor tensor) =>
        tensor.Decision is not (StorageDecision.Mask or StorageDecision.Index);

    /// <summary>A rebuilt tensor has its mask.</summary>
    private static double BitsOf(PlannedTensor tensor) => (tensor.Decision, tensor.Levels) switch
    {
        (StorageDecision.Rebuild, _) => 1,
        (StorageDecision.Exact, _) => 32,
        (_, 3) => 1.6,
        (_, var levels) => Math.Log2(levels),
    };
}
