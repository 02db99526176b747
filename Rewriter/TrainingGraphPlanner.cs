using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Plans;

namespace OnnxActNN.Rewriter;

/// <summary>
/// Decides how many levels the code of each saved tensor gets, so that a budget is kept and little variance is added to
/// the gradients.
/// </summary>
public static class TrainingGraphPlanner
{
    /// <summary>
    /// Share of the peak that is kept free for what kernels allocate while they run, which no graph shows.
    /// </summary>
    private const double KernelScratch = 0.1;

    /// <summary>Each takes a rewrite; the last one decides on a 256th of what lies between.</summary>
    private const int Halvings = 8;

    /// <summary>Plans for a model in memory.</summary>
    /// <param name="model">Content of an .onnx file with a forward and a backward pass.</param>
    /// <param name="request">Budget, profile and options.</param>
    /// <exception cref="OnnxFormatException">The bytes are no valid ONNX model.</exception>
    /// <exception cref="UnsupportedGraphException">The model is no training graph, or is rewritten already.</exception>
    /// <exception cref="PlanFormatException">The profile is one of another graph.</exception>
    public static BitPlan Plan(ReadOnlyMemory<byte> model, PlanRequest request) =>
        Plan(ModelReader.Read(model), request);

    /// <summary>Plans for a file.</summary>
    /// <inheritdoc cref="Plan(ReadOnlyMemory{byte}, PlanRequest)"/>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static BitPlan PlanFile(string path, PlanRequest request) => Plan(ModelReader.ReadFile(path), request);

    internal static BitPlan Plan(Model model, PlanRequest request)
    {
        ModelChecks.RequireOriginal(model);
        var fingerprint = ModelFingerprint.Of(model);
        var original = request.Budget.Kind == BudgetKind.PeakBytes ? ModelWriter.Write(model) : [];
        if (request.Profile is { } profile) ModelChecks.RequireSameModel(profile.Model, fingerprint, "profile");
        var training = TrainingGraph.Prepare(model, request.Rewrite);
        var complete = InBytes(training, request with { Rewrite = WithSizes(request) });
        var plan = complete.Budget.Kind == BudgetKind.PeakBytes
            ? PeakPlan(original, new BitPlanner(training, fingerprint, complete), complete)
            : new BitPlanner(training, fingerprint, complete).Plan(complete.Budget.Limit);
        return plan with { LargestBatch = LargestBatch(training, complete) };
    }

    /// <summary>A ratio as the bytes it comes to; none where a size is unknown, of which the plan will tell.</summary>
    private static PlanRequest InBytes(TrainingGraph training, PlanRequest request)
    {
        if (request.Budget.Kind != BudgetKind.SavedRatio) return request;
        var saved = new BitPlanner(training, "", request).SavedBytes ?? 0;
        return request with
        {
            Budget = new PlanBudget(BudgetKind.SavedBytes, Math.Floor(saved / request.Budget.Limit)),
        };
    }

    /// <summary>
    /// The solver works on a model of the rewritten graph; what counts is the graph itself. So where the graph's peak
    /// is over the budget, halving finds the largest limit of the solver's at which the graph keeps it, from the least
    /// that the solver comes to on.
    /// </summary>
    private static BitPlan PeakPlan(byte[] original, BitPlanner planner, PlanRequest request)
    {
        var budget = request.Budget.Limit;
        var wanted = planner.Plan(budget);
        if (wanted.Verdict == PlanVerdict.Unknown) return wanted;
        var first = InGraph(wanted);
        if (first.Verdict == PlanVerdict.Fits) return first;
        var least = planner.Plan(0);
        var best = InGraph(least);
        if (best.Verdict != PlanVerdict.Fits) return first.PeakBytes < best.PeakBytes ? first : best;
        var (kept, over) = ((double)least.PeakBytes!.Value, (double)wanted.PeakBytes!.Value);
        for (var halving = 0; halving < Halvings; halving++)
        {
            var middle = (kept + over) / 2;
            var plan = InGraph(planner.Plan(middle));
            if (plan.Verdict == PlanVerdict.Fits) (best, kept) = (plan, middle);
            else over = middle;
        }
        return best;

        BitPlan InGraph(BitPlan plan)
        {
            var rewritten = TrainingGraphRewriter.Rewrite(
                original, request.Rewrite with { Plan = plan, OwnDimensionNames = false });
            var peak = (long)(StepPeak.Find(rewritten.Model, request.Rewrite.Dimensions).Bytes * (1 + KernelScratch));
            var fits = peak <= budget;
            return plan with
            {
                Verdict = fits ? PlanVerdict.Fits : PlanVerdict.DoesNotFit,
                Explanation = fits ? "" : $"the smallest peak found is {peak} bytes",
                PeakBytes = peak,
            };
        }
    }

    /// <summary>
    /// The largest batch at which the lightest codes keep a budget of bytes; sizes grow with it, so halving finds it.
    /// Null where nothing that is saved grows: the graph's batch is fixed, whatever size was given for its name.
    /// </summary>
    private static long? LargestBatch(TrainingGraph training, PlanRequest request)
    {
        var sizes = request.Rewrite.Dimensions;
        var batch = BitPlan.BatchOf(sizes);
        if (batch is null || request.Budget.Kind is not (BudgetKind.SavedBytes or BudgetKind.PeakBytes)) return null;
        if (PlannerAt(1).SavedBytes == PlannerAt(2).SavedBytes) return null;
        long fits = 0, over = 1;
        while (Fits(over))
        {
            if (over == BitPlan.MostSamples) return over;
            (fits, over) = (over, over * 2);
        }
        while (over - fits > 1)
        {
            var middle = (fits + over) / 2;
            if (Fits(middle)) fits = middle;
            else over = middle;
        }
        return fits;

        bool Fits(long samples) => PlannerAt(samples).CanFit();

        BitPlanner PlannerAt(long samples)
        {
            var dimensions = new Dictionary<string, long>(sizes) { [batch] = samples };
            return new BitPlanner(
                training, "", request with { Rewrite = request.Rewrite with { Dimensions = dimensions } });
        }
    }

    /// <summary>Sizes that nobody gave are those that the profile was made with.</summary>
    private static RewriteOptions WithSizes(PlanRequest request)
    {
        var sizes = new Dictionary<string, long>(request.Profile?.Dimensions ?? new Dictionary<string, long>());
        foreach (var (name, size) in request.Rewrite.Dimensions) sizes[name] = size;
        return request.Rewrite with { Dimensions = sizes };
    }
}
