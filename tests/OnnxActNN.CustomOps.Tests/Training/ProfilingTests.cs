using FluentAssertions;
using OnnxActNN.CustomOps.Profiling;
using OnnxActNN.Format;
using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Plans;
using OnnxActNN.Rewriter.Sensitivity;
using OnnxActNN.Testing;
using OnnxActNN.Training.Gradients;
using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Profiling;
using OnnxActNN.Training.Runtime;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Training;

/// <summary>Profiles of real training graphs, on the current ONNX Runtime, and the plans made from them.</summary>
public sealed class ProfilingTests(ITestOutputHelper output)
{
    /// <summary>
    /// ONNX Runtime's optimizers fuse a transposition with the product behind it, and not with a node between; the
    /// fused kernel sums in another order (bert-tiny).
    /// </summary>
    private static readonly SessionSettings WithoutFusions = new()
    {
        Threads = 1,
        Optimization = Microsoft.ML.OnnxRuntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
    };

    private static readonly RewriteOptions All = new() { MinimumBytes = 0 };

    [Theory]
    [InlineData("lenet")]
    [InlineData("resnet-tiny")]
    [InlineData("bert-tiny")]
    [InlineData("unet-tiny")]
    public void An_instrumented_graph_gives_the_same_bits(string name)
    {
        var inputs = Open(name);
        var instrumented = TrainingGraphInstrumenter.Instrument(
            ModelWriter.Write(inputs.Model), new InstrumentOptions { Rewrite = All, Sink = $"same bits of {name}" });
        var (loss, gradients) = Run(Open(name).Model, inputs);
        var (measuredLoss, measured) = Run(instrumented.Model, inputs);

        instrumented.Activations.Should().BePositive();
        instrumented.Gradients.Should().BePositive();
        measuredLoss.Should().Be(loss);
        foreach (var (parameter, gradient) in gradients) measured[parameter].Should().Equal(gradient, parameter);
    }

    [Fact]
    public void Statistics_are_those_of_the_tensor()
    {
        var inputs = Open("resnet-tiny");
        var profile = ProfileRunner.Run(inputs, new ProfileRequest { Steps = 1, Rewrite = All });
        var tensor = profile.Tensors.First(tensor => tensor.Role == ProfileRole.Activation && tensor.Zeros > 0);
        var values = ValuesOf(inputs, tensor.Name);

        tensor.Elements.Should().Be(values.Length);
        tensor.Minimum.Should().Be(values.Min());
        tensor.Maximum.Should().Be(values.Max());
        tensor.Zeros.Should().Be(values.Count(value => value == 0));
        tensor.NonFinite.Should().Be(0);
        tensor.MeanSquare.Should().BeApproximately(values.Average(value => (double)value * value), 1e-9);
        // A group is a plane of up to 256, here a quarter of 32x32.
        var ranges = values.Chunk(256).Sum(group => group.Length * Math.Pow((double)group.Max() - group.Min(), 2));
        tensor.SquaredRangesTotal.Should().BeApproximately(ranges, 1e-9 * ranges);
        tensor.RangeExponents.Values.Sum().Should().BeLessThanOrEqualTo(tensor.Groups);
    }

    [Fact]
    public void Relative_ranges_are_those_of_the_channels_of_a_run()
    {
        var inputs = Open("resnet-tiny");
        var profile = ProfileRunner.Run(inputs, new ProfileRequest { Steps = 1, Probes = 0, Rewrite = All });
        var tensor = profile.Tensors
            .First(tensor => tensor.Role == ProfileRole.Activation && tensor.Dimensions is [_, > 1, 32, 32]);
        var (samples, channels) = ((int)tensor.Dimensions[0], (int)tensor.Dimensions[1]);
        // Four groups a plane.
        var squares = ValuesOf(inputs, tensor.Name).Chunk(256)
            .Select(group => Math.Pow((double)group.Max() - group.Min(), 2)).ToArray();
        var means = Enumerable.Range(0, channels)
            .Select(channel => squares.Where((_, i) => i / 4 % channels == channel).Average()).ToArray();
        var relative = squares.Select((square, i) => square / means[i / 4 % channels]).ToArray();

        tensor.RelativeRangeBins.Should().Equal(BinsOf(relative));
        tensor.SquaredRangeBins.Should().Equal(BinsOf(squares));
        tensor.Samples.RelativeRanges.Should().HaveCount(samples);
        foreach (var (sum, own) in tensor.Samples.RelativeRanges.Zip(relative.Chunk(4 * channels)))
            sum.Should().BeApproximately(256 * own.Sum(), 1e-6 * sum);
        profile.Tensors.Where(other => other.Role == ProfileRole.Gradient)
            .Should().OnlyContain(other => other.SquaredRangeBins.Count + other.RelativeRangeBins.Count == 0);

        static SortedDictionary<int, long> BinsOf(IEnumerable<double> squares) => new(squares
            .Where(square => square > 0).GroupBy(RangeBins.Of).ToDictionary(bin => bin.Key, bin => bin.LongCount()));
    }

    [Theory]
    [InlineData(true, WidthOrder.RelativeRange)]
    [InlineData(false, WidthOrder.RelativeSample)]
    public void Inputs_of_batch_normalizations_get_widths_where_they_spread_within_their_channels(
        bool perGroup, WidthOrder order)
    {
        var inputs = Open("cnn-bn");
        var options = All with { Dimensions = inputs.Dimensions };
        var measured = ProfileRunner.Run(inputs, new ProfileRequest { Steps = 1, Probes = 1, Rewrite = options });
        // One group in 16, one sample in four, is 32 times as wide as the others.
        var spread = measured with
        {
            Tensors = [.. measured.Tensors.Select(tensor => tensor.RelativeRangeBins.Count == 0 ? tensor : tensor with
            {
                RelativeRangeBins = new Dictionary<int, long>
                {
                    [RangeBins.Of(1 / 64.0)] = 15 * tensor.Groups / 16,
                    [RangeBins.Of(16)] = tensor.Groups / 16,
                },
                Samples = tensor.Samples with
                {
                    RelativeRanges = [.. tensor.Samples.Elements
                        .Select((elements, sample) => elements * (sample % 4 == 0 ? 3.9 : 3.9 / 1024))],
                },
            })],
        };
        var request = new PlanRequest
        {
            Budget = new PlanBudget(BudgetKind.AverageBits, 1.5),
            Profile = spread,
            Rewrite = options,
        };
        var perTensor = TrainingGraphPlanner.Plan(inputs.Model, request);
        var plan = TrainingGraphPlanner.Plan(inputs.Model, request with
        {
            Budget = new PlanBudget(BudgetKind.SavedBytes, perTensor.StoredBytes!.Value),
            PerGroup = perGroup,
            PerSample = !perGroup,
        });
        var read = PlanFile.Parse(PlanFile.ToBytes(plan), "plan");
        var rewritten = TrainingGraphRewriter.Rewrite(Open("cnn-bn").Model, options with { Plan = read });

        var normalized = plan.Tensors.Where(tensor => IsOfConvolution(tensor.Name)).ToList();
        normalized.Should().NotBeEmpty()
            .And.OnlyContain(tensor => tensor.WidthShares != null && tensor.WidthOrder == order);
        plan.RelativeVariance.Should().BeLessThan(perTensor.RelativeVariance!.Value / 2);
        rewritten.Report.StoredBytes.Should().Be(plan.StoredBytes).And.BeLessThanOrEqualTo(perTensor.StoredBytes.Value);
    }

    [Theory]
    [InlineData("cnn-bn", WidthOrder.RelativeRange)]
    [InlineData("cnn-bn", WidthOrder.RelativeSample)]
    [InlineData("lenet", WidthOrder.Range)]
    [InlineData("lenet", WidthOrder.Sample)]
    public void Widths_of_groups_and_samples_have_the_variance_that_the_profile_predicts(string name, WidthOrder order)
    {
        var inputs = Open(name);
        var options = All with { Dimensions = inputs.Dimensions, Rebuild = RebuildScope.None };
        var profile = ProfileRunner.Run(inputs, new ProfileRequest { Steps = 1, Rewrite = options });
        // Results of convolutions are what is normalized.
        var coded = TrainingGraphRewriter.Rewrite(Open(name).Model, options).Report.Rows
            .Where(row => row.Decision == StorageDecision.Quantize && IsOfConvolution(row.Name) == order.IsRelative())
            .ToList();
        var plan = BitPlan.Of(
            coded.Select(row => new PlannedTensor
            {
                Name = row.Name,
                Decision = StorageDecision.Quantize,
                Levels = CodeWidths.Levels(CodeWidth.TwoBits),
                WidthShares = [255, 100, 20],
                WidthOrder = order,
            }),
            ModelFingerprint.Of(inputs.Model));
        var rewritten = TrainingGraphRewriter.Rewrite(Open(name).Model, options with { Plan = plan });
        using var feeds = inputs.Feeds(step: 0);
        var graphs = new ComparedGraphs(
            () => inputs.Model, () => rewritten.Model, inputs.Parameters, feeds, inputs.Signature.LossOutput,
            new SessionSettings());
        var result = Verification.Run(graphs, draws: 32);

        coded.Should().NotBeEmpty();
        result.Problems().Should().BeEmpty();
        result.LossDifference.Should().Be(0);
        var predicted = PredictedVariance.Of(Open(name).Model, rewritten.Model, profile)!.Value
            / profile.Parameters.Sum(parameter => parameter.GradientSquares);
        output.WriteLine($"predicted {predicted:G3}, measured {result.RelativeVariance:G3}");
        (result.RelativeVariance / predicted).Should().BeInRange(1 / 3.0, 3);
    }

    [Fact]
    public void Of_a_gradient_the_squares_are_measured()
    {
        var inputs = Open("resnet-tiny");
        var profile = ProfileRunner.Run(inputs, new ProfileRequest { Steps = 1, Probes = 0, Rewrite = All });
        var tensor = profile.Tensors.First(
            tensor => tensor.Role == ProfileRole.Gradient && tensor.Dimensions.Count == 4);
        var samples = ValuesOf(inputs, tensor.Name).Chunk((int)(tensor.TotalElements / tensor.Dimensions[0])).ToList();

        tensor.Elements.Should().Be(samples.Sum(sample => sample.Length));
        tensor.Samples.Squares.Should().HaveCount(samples.Count);
        foreach (var (found, sample) in tensor.Samples.Squares.Zip(samples))
            found.Should().BeApproximately(sample.Sum(value => (double)value * value), 1e-9 * found);
        tensor.Channels.Elements.Should().BeEmpty();
        tensor.Samples.SquaredRanges.Should().BeEmpty();
    }

    [Fact]
    public void Of_a_loss_the_probabilities_are_measured()
    {
        var profile = ProfileRunner.Run(Open("unet-tiny"), new ProfileRequest { Steps = 1, Probes = 0, Rewrite = All });
        var loss = profile.Tensors.Single(tensor => tensor.Name.EndsWith("log_prob", StringComparison.Ordinal));

        loss.Minimum.Should().BeInRange(0, 1);
        loss.Maximum.Should().BeInRange(loss.Minimum, 1);
        // Of so many numbers that sum to 1, from all alike to one that is 1.
        var even = 1.0 / loss.Dimensions[1];
        loss.MeanSquare.Should().BeInRange(even * even, even);
    }

    [Fact]
    public void The_file_is_there_when_the_session_has_closed()
    {
        using var folder = new TempFolder();
        var path = folder.PathTo("profile.json");
        var inputs = Open("lenet");
        var instrumented = TrainingGraphInstrumenter.Instrument(
            ModelWriter.Write(inputs.Model), new InstrumentOptions { Rewrite = All, Sink = "file", File = path });
        Run(instrumented.Model, inputs);

        var profile = ProfileFile.Read(path);
        profile.Model.Should().Be(instrumented.Fingerprint);
        profile.Tensors.Should().HaveCount(instrumented.Activations + instrumented.Gradients);
        ProfileSink.Of("file").Take().Tensors.Should().BeEmpty("what is in the file is no longer in the sink");
    }

    [Fact]
    public void A_profile_of_another_graph_is_refused()
    {
        var inputs = Open("lenet");
        var profile = ProfileRunner.Run(inputs, new ProfileRequest { Steps = 1, Rewrite = All });
        var other = Open("unet-tiny").Model;
        var planning = () => TrainingGraphPlanner.Plan(other, RequestFor(2, profile, All));
        planning.Should().Throw<PlanFormatException>().WithMessage("*another graph*");
    }

    [Theory]
    [InlineData("lenet", 2)]
    [InlineData("cnn-bn", 2)]
    [InlineData("unet-tiny", 2)]
    public void A_plan_keeps_its_bytes_and_the_rewritten_graph_passes(string name, double bits)
    {
        var inputs = Open(name);
        var original = ModelWriter.Write(inputs.Model);
        var profile = ProfileRunner.Run(inputs, new ProfileRequest { Steps = 2, Rewrite = All });
        var options = All with { Dimensions = inputs.Dimensions };
        var plan = TrainingGraphPlanner.Plan(original, RequestFor(bits, profile, options));
        var rewritten = TrainingGraphRewriter.Rewrite(
            original, options with { Plan = PlanFile.Parse(PlanFile.ToBytes(plan), "plan") });
        var file = rewritten.ToBytes();
        using var feeds = inputs.Feeds(step: 0);
        var graphs = new ComparedGraphs(
            () => ModelReader.Read(original), () => ModelReader.Read(file), inputs.Parameters, feeds,
            inputs.Signature.LossOutput, new SessionSettings());
        var result = Verification.Run(graphs, draws: 24);

        output.WriteLine($"predicted {plan.RelativeVariance:G3}, measured {result.RelativeVariance:G3}");
        plan.Verdict.Should().Be(PlanVerdict.Fits);
        rewritten.Report.StoredBytes.Should().Be(plan.StoredBytes, "the planner counts as the report does");
        result.Problems().Should().BeEmpty();
        result.LossDifference.Should().Be(0);
        (result.RelativeVariance / plan.RelativeVariance).Should().BeInRange(1 / 3.0, 3);
    }

    [Fact]
    public void Tensors_get_codes_of_their_own_where_bytes_allow_more_than_rebuilding()
    {
        const string name = "resnet-tiny";
        var inputs = Open(name);
        var options = All with { Dimensions = inputs.Dimensions };
        var profile = ProfileRunner.Run(inputs, new ProfileRequest { Steps = 1, Probes = 1, Rewrite = options });
        var (few, many) = (PlanWith(1.5), PlanWith(5));

        few.Verdict.Should().Be(PlanVerdict.Fits);
        many.Verdict.Should().Be(PlanVerdict.Fits);
        few.Tensors.Should().Contain(tensor => tensor.Decision == StorageDecision.Rebuild);
        Rebuilt(many).Should().BeSubsetOf(Rebuilt(few)).And.HaveCountLessThan(Rebuilt(few).Count);
        many.RelativeVariance.Should().BeLessThan(few.RelativeVariance!.Value);
        TrainingGraphRewriter.Rewrite(Open(name).Model, options with { Plan = many }).Report.StoredBytes.Should()
            .Be(many.StoredBytes);

        BitPlan PlanWith(double bits) =>
            TrainingGraphPlanner.Plan(Open(name).Model, RequestFor(bits, profile, options));

        static List<string> Rebuilt(BitPlan plan) =>
            [.. plan.Tensors.Where(tensor => tensor.Decision == StorageDecision.Rebuild).Select(tensor => tensor.Name)];
    }

    /// <summary>
    /// Two layers, whose smaller groups leave a part that is far from 1; the prediction is for the groups that the plan
    /// has.
    /// </summary>
    [Fact]
    public void A_plan_takes_smaller_groups_where_they_are_worth_their_metadata()
    {
        const string name = "lenet";
        var inputs = Open(name);
        var original = ModelWriter.Write(inputs.Model);
        var options = All with { Dimensions = inputs.Dimensions };
        var profile = ProfileRunner.Run(inputs, new ProfileRequest { Steps = 1, Rewrite = options });
        var coarse = profile with { Tensors = [.. profile.Tensors.Select(tensor => tensor with { Finer = [] })] };
        var (plan, without) = (PlanWith(profile), PlanWith(coarse));
        var rewritten = TrainingGraphRewriter.Rewrite(original, options with { Plan = plan });
        var file = rewritten.ToBytes();
        using var feeds = inputs.Feeds(step: 0);
        var graphs = new ComparedGraphs(
            () => ModelReader.Read(original), () => ModelReader.Read(file), inputs.Parameters, feeds,
            inputs.Signature.LossOutput, new SessionSettings());
        var result = Verification.Run(graphs, draws: 48);

        plan.Tensors.Should().Contain(tensor => tensor.GroupSize > 0);
        without.Tensors.Should().OnlyContain(tensor => tensor.GroupSize == 0);
        rewritten.Report.StoredBytes.Should().Be(plan.StoredBytes).And.BeLessThanOrEqualTo(7500);
        plan.RelativeVariance.Should().BeLessThan(without.RelativeVariance!.Value);
        (result.RelativeVariance / plan.RelativeVariance).Should().BeInRange(1 / 2.0, 2);

        BitPlan PlanWith(ActivationProfile from) => TrainingGraphPlanner.Plan(original, new PlanRequest
        {
            Budget = new PlanBudget(BudgetKind.SavedBytes, 7500),
            Profile = from,
            Rewrite = options,
            Exact = true,
        });
    }

    private static PlanRequest RequestFor(double bits, ActivationProfile profile, RewriteOptions options) => new()
    {
        Budget = new PlanBudget(BudgetKind.AverageBits, bits),
        Profile = profile,
        Rewrite = options,
    };

    private static bool IsOfConvolution(string name) => name.EndsWith("Conv_output_0", StringComparison.Ordinal);

    private static float[] ValuesOf(MeasureInputs inputs, string name)
    {
        var model = Open("resnet-tiny").Model;
        model.Graph.AddOutput(model.Graph.Find(name)!);
        Rewriter.Lowering.GraphLowering.Lower(model);
        using var run = new GraphRun(ModelWriter.Write(model), new SessionSettings());
        using var feeds = inputs.Feeds(step: 0);
        var all = feeds.Values.ToDictionary();
        foreach (var tensor in inputs.Parameters.Parameters.Where(tensor => run.InputNames.Contains(tensor.Name)))
        {
            all[tensor.Name] = Microsoft.ML.OnnxRuntime.OrtValue.CreateTensorValueFromMemory(
                tensor.AsFloats().ToArray(), [.. tensor.Dimensions]);
        }
        using var values = run.Run(all, [name]);
        return values[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static (float Loss, IReadOnlyDictionary<string, float[]> Gradients) Run(Model model, MeasureInputs inputs)
    {
        using var source = new GradientSource(model, inputs.Parameters, inputs.Signature.LossOutput, WithoutFusions);
        using var feeds = inputs.Feeds(step: 0);
        return source.Run(feeds.Values);
    }

    private static MeasureInputs Open(string name)
    {
        var folder = SharedFolder.PathTo("models", "zoo", "small", name);
        return new MeasureInputs(new MeasureRequest
        {
            Model = Path.Combine(folder, "training_model.onnx"),
            Entry = Path.Combine(folder, "entry.json"),
        });
    }
}
