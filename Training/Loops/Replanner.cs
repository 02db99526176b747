using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Plans;
using OnnxActNN.Training.Data;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Profiling;

namespace OnnxActNN.Training.Loops;

/// <summary>
/// Plans a packed run's bits anew from time to time, as what is worth storing changes while parameters do: profiles
/// some steps at the present parameters, plans, and opens the run again with the plan (ActNN, section 4.2, re-runs its
/// allocation likewise).
/// </summary>
/// <param name="start">How the run was opened.</param>
/// <param name="samples">What the profile is made of: the first batches.</param>
/// <param name="batchSize">Samples per step.</param>
/// <param name="request">Budget and steps.</param>
internal sealed class Replanner(ClassifierStart start, SampleSet samples, int batchSize, ReplanRequest request)
{
    private BitPlan? _plan;

    /// <summary>
    /// Whether a plan is due before the given epoch: the first that is trained, and then every so many.
    /// </summary>
    /// <param name="epoch">Number of the epoch, from 0.</param>
    public bool IsDue(int epoch) => _plan is null || epoch % request.Every == 0;

    /// <summary>
    /// Plans for the given epoch. The run goes on from where it is, parameters, optimizer and place included.
    /// </summary>
    /// <param name="run">A packed run.</param>
    /// <param name="epoch">Number of the epoch, from 0.</param>
    public PlanChange Apply(ClassifierRun run, int epoch)
    {
        var state = run.Session.ToCheckpoint();
        var inputs = new MeasureInputs(
            new MeasureRequest { Model = start.Files.TrainingModel, Dimensions = BatchOf(run) },
            new SampleFeeds(samples), state);
        // Other draws of the dither than the sessions before had.
        var rewrite = start.RewriteWith(request.Width) with { Seed = (long)start.Seed + epoch };
        var profile = ProfileRunner.Run(inputs, new ProfileRequest
        {
            Steps = request.Steps,
            Draws = request.Draws,
            Probes = request.Probes,
            Rewrite = rewrite with { Dimensions = inputs.Dimensions },
            Session = start.Settings,
        });
        var plan = TrainingGraphPlanner.PlanFile(start.Files.TrainingModel, new PlanRequest
        {
            Budget = new PlanBudget(BudgetKind.AverageBits, request.AverageBits),
            Profile = profile,
            Rewrite = rewrite,
            PerGroup = request.PerGroup,
        });
        run.Reopen(start.OpenSession(state, rewrite with { Plan = plan }));
        var change = new PlanChange(
            run.Name, epoch + 1, plan.Tensors.Count, [.. LevelChange.Between(_plan, plan)], plan.RelativeVariance);
        _plan = plan;
        return change;
    }

    /// <summary>The samples' batch dimension by its name in the graph; none where the graph fixes it.</summary>
    private Dictionary<string, long> BatchOf(ClassifierRun run) =>
        run.BatchDimension is { } name ? new Dictionary<string, long> { [name] = batchSize } : [];
}
