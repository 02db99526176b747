using System.Globalization;
using OnnxActNN.Format;
using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Plans;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Data;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Loops;
using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Profiling;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Benchmarks.Planning;

/// <summary>
/// <c>ablation</c>: the gradient error of one width for all tensors beside widths planned per tensor and per group, at
/// several averages, on a classifier that was trained some steps in float32; the variance half of ActNN's ablation. The
/// accuracy half is <c>fashion-mnist --planned</c> and <c>--per-group</c>.
/// </summary>
internal static class AblationVerb
{
    private const int BatchSize = 64;
    private const int MeasuringDraws = 8;

    /// <summary>Averages that one width for all can have.</summary>
    private static readonly Dictionary<double, CodeWidth> Uniform = new()
    {
        [1] = CodeWidth.OneBit,
        [2] = CodeWidth.TwoBits,
        [4] = CodeWidth.FourBits,
    };

    public static int Run(string[] arguments, TextWriter output)
    {
        var named = new NamedArguments(arguments);
        var inputs = Trained(
            TrainingArtifacts.Find(named["--model"]), SampleFiles.Read(named["--data"]), named.Number("--steps", 300));
        var original = ModelWriter.Write(inputs.Model);
        var options = new RewriteOptions
        {
            Dimensions = inputs.Dimensions,
            Rebuild = Enum.Parse<RebuildScope>(named.Find("--rebuild") ?? nameof(RebuildScope.Chain)),
        };
        var profile = ProfileRunner.Run(inputs, new ProfileRequest { Draws = MeasuringDraws, Rewrite = options });
        output.WriteLine("| average bits | one width: kept | error | planned from the profile: kept | error | from "
            + "measured tensors: kept | error | per group: kept | error |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var bits in (named.Find("--bits") ?? "1,1.25,1.5,2,4").Split(',')
            .Select(text => double.Parse(text, CultureInfo.InvariantCulture)))
        {
            var uniform = Uniform.TryGetValue(bits, out var width) ? Cells(options with { Width = width }) : "– | –";
            var predicted = Cells(Planned(bits, profile with { Measured = [] }));
            var (measured, grouped) = (Cells(Planned(bits, profile)), Cells(Planned(bits, profile, perGroup: true)));
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture, $"| {bits} | {uniform} | {predicted} | {measured} | {grouped} |"));
            output.Flush();
        }
        return 0;

        RewriteOptions Planned(double bits, ActivationProfile from, bool perGroup = false) => options with
        {
            Plan = TrainingGraphPlanner.Plan(original, new PlanRequest
            {
                Budget = new PlanBudget(BudgetKind.AverageBits, bits),
                Profile = from,
                Rewrite = options,
                Exact = true,
                PerGroup = perGroup,
            }),
        };

        string Cells(RewriteOptions of)
        {
            var error = GradientError.Of(inputs, original, of);
            return string.Create(CultureInfo.InvariantCulture, $"{error.Kept / 1e6:F3} MB | {error.Relative:G3}");
        }
    }

    /// <summary>
    /// The graph with parameters after some steps of training in float32, and batches that come after them.
    /// </summary>
    private static MeasureInputs Trained(TrainingArtifacts files, SampleFiles data, int steps)
    {
        var start = new ClassifierStart { Files = files, CheckpointPath = files.Checkpoint!, Threads = 1 };
        using var run = start.Open(width: null);
        var samples = SampleFitting.Fit(data.Train.Take([.. Enumerable.Range(0, BatchSize * steps)]), run.SampleSizes);
        new TrainingLoop(new SampleFiles(samples, data.Test), BatchSize, seed: 1)
            .Run([run], epochs: 1, evaluate: false, new CollectedResults(), CancellationToken.None);
        var dimensions = run.BatchDimension is { } batch ? new Dictionary<string, long> { [batch] = BatchSize } : [];
        Checkpoint state = run.Session.ToCheckpoint();
        return new MeasureInputs(
            new MeasureRequest { Model = files.TrainingModel, Dimensions = dimensions }, new SampleFeeds(samples),
            state);
    }
}
