namespace OnnxActNN.Rewriter.Plans;

/// <summary>Which code each saved tensor gets, and what follows from that. The content of plan.json.</summary>
public sealed record BitPlan
{
    /// <summary>Value of <see cref="Schema"/> in every file.</summary>
    public const string SchemaName = "onnxactnn-plan";

    /// <summary>Version of the file's fields.</summary>
    public const int CurrentVersion = 3;

    /// <summary>More than this is no longer a batch: a largest batch is not looked for beyond.</summary>
    internal const long MostSamples = 1 << 20;

    private const string BatchName = "batch";

    /// <summary>What the file is.</summary>
    public string Schema { get; init; } = SchemaName;

    /// <summary>Which version of it.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Fingerprint of the graph; a rewrite of another graph refuses the plan.</summary>
    public required string Model { get; init; }

    /// <summary>Sizes of the named dimensions that the bytes are for.</summary>
    public IReadOnlyDictionary<string, long> Dimensions { get; init; } = new Dictionary<string, long>();

    /// <summary>
    /// The options that the plan holds for; null in files from elsewhere, which go with the options of the rewrite.
    /// </summary>
    public PlanOptions? Options { get; init; }

    /// <summary>What was to be kept to.</summary>
    public required PlanBudget Budget { get; init; }

    /// <summary>Whether it can be.</summary>
    public required PlanVerdict Verdict { get; init; }

    /// <summary>Why, where it cannot be or is not known.</summary>
    public string Explanation { get; init; } = "";

    /// <summary>
    /// The largest size of the batch dimension at which a budget of bytes can be kept, 2^20 where even that fits; null
    /// for other budgets, and where the graph's batch is fixed or no dimension can be told to be the batch.
    /// </summary>
    public long? LargestBatch { get; init; }

    /// <summary>
    /// Bytes kept for the backward pass under the plan, what is not planned included; null where a size is unknown.
    /// </summary>
    public long? StoredBytes { get; init; }

    /// <summary>The same of the original.</summary>
    public long? SavedBytes { get; init; }

    /// <summary>Most bytes alive at once under the plan, by liveness; null where that was not asked for.</summary>
    public long? PeakBytes { get; init; }

    /// <summary>Variance added to the gradients over their squared norm; null without a profile.</summary>
    public double? RelativeVariance { get; init; }

    /// <summary>
    /// The planned tensors, in the graph's order. Those not named are left to the rewriter's options.
    /// </summary>
    public required IReadOnlyList<PlannedTensor> Tensors { get; init; }

    /// <summary>Whether a largest batch was looked for, and there is none because the graph's batch is fixed.</summary>
    internal bool HasFixedBatch => LargestBatch is null && Verdict != PlanVerdict.Unknown
        && Budget.Kind is BudgetKind.SavedBytes or BudgetKind.PeakBytes
        && (Dimensions.Count == 0 || BatchOf(Dimensions) is not null);

    /// <summary>
    /// The name of the dimension that is the batch: "batch", or the only one; null where it cannot be told.
    /// </summary>
    internal static string? BatchOf(IReadOnlyDictionary<string, long> sizes) =>
        sizes.ContainsKey(BatchName) ? BatchName : sizes.Count == 1 ? sizes.Keys.First() : null;

    /// <summary>A plan that only says how tensors are kept, under no budget.</summary>
    /// <param name="tensors">The tensors.</param>
    /// <param name="model">Fingerprint of the graph; a rewrite checks it.</param>
    internal static BitPlan Of(IEnumerable<PlannedTensor> tensors, string model = "") => new()
    {
        Model = model,
        Budget = new PlanBudget(BudgetKind.SavedBytes, double.MaxValue),
        Verdict = PlanVerdict.Fits,
        Tensors = [.. tensors],
    };
}
