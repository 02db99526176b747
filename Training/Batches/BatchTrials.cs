using OnnxActNN.Training.Measurement;

namespace OnnxActNN.Training.Batches;

/// <summary>
/// Largest batches under a hard memory limit, by training: each trial is a fresh process under <see cref="DataLimit"/>.
/// One that is refused memory does not fit; one that fails otherwise ends the search with its error.
/// </summary>
/// <param name="process">Starts the processes.</param>
/// <param name="request">The model, and all but batch and limit of what its steps take.</param>
/// <param name="dimension">Name of the batch dimension.</param>
internal sealed class BatchTrials(MeasureProcess process, MeasureRequest request, string dimension)
{
    /// <summary>How much one limit is above the one before, when the least is looked for.</summary>
    private const double LimitStep = 1.01;

    /// <summary>
    /// What a process holds besides parameters and steps: .NET, ONNX Runtime, stacks. Only a first guess.
    /// </summary>
    private const long ProcessGuess = 200_000_000;

    /// <summary>
    /// The first trial is this part of the guessed batch: it fits, is quick, and tells how the memory grows.
    /// </summary>
    private const long FirstPart = 4;

    /// <summary>
    /// What has fitted, with the least limit that it did under. Near its edge a batch fits now and then: once is
    /// enough.
    /// </summary>
    private readonly Dictionary<(string Model, long Batch), (long Limit, BatchTrial Trial)> _fitted = [];

    /// <summary>The largest batch that trains within a limit.</summary>
    /// <param name="model">The training graph.</param>
    /// <param name="limit">Bytes.</param>
    /// <exception cref="MeasureException">A trial fails, and not for memory.</exception>
    public LargestBatch FindBatch(string model, long limit)
    {
        var prediction = StepPrediction.Of(model, request.Dimensions, dimension);
        var guess = (limit - ProcessGuess - prediction.ConstantBytes) / prediction.BytesPerSample;
        var search = new BatchSearch(batch => Try(model, batch, limit), limit, prediction.BytesPerSample);
        var batch = search.Find(Math.Max(1, (long)guess / FirstPart));
        return new LargestBatch(model, batch, search.Trials);
    }

    /// <summary>The least limit under which a batch trains, within one per cent.</summary>
    /// <param name="model">The training graph.</param>
    /// <param name="batch">Samples per step.</param>
    /// <exception cref="MeasureException">A trial fails, and not for memory.</exception>
    public long LeastLimit(string model, long batch)
    {
        var free = Run(model, batch, limit: null);
        if (free.Problem is not null) throw Failure(model, batch, free);
        var limit = (double)(free.Reply!.Steps!.ProcessBytes
            ?? throw new MeasureException("This system does not tell the memory of a process."));
        var fits = Try(model, batch, (long)limit).Fits;
        while (true)
        {
            var next = fits ? limit / LimitStep : limit * LimitStep;
            var nextFits = Try(model, batch, (long)next).Fits;
            if (nextFits != fits) return (long)(fits ? limit : next);
            limit = next;
        }
    }

    private BatchTrial Try(string model, long batch, long limit)
    {
        if (_fitted.TryGetValue((model, batch), out var known) && known.Limit <= limit) return known.Trial;
        var outcome = Run(model, batch, limit);
        if (outcome.Problem is null)
        {
            var steps = outcome.Reply!.Steps!;
            var trial = new BatchTrial(batch, Fits: true, steps.PeakBytes, steps.ProcessBytes, Reason: null);
            _fitted[(model, batch)] = (limit, trial);
            return trial;
        }
        return outcome.IsOutOfMemory
            ? new BatchTrial(batch, Fits: false, PeakBytes: null, ProcessBytes: null, outcome.Problem)
            : throw Failure(model, batch, outcome);
    }

    private MeasureOutcome Run(string model, long batch, long? limit) => process.Try(request with
    {
        Model = model,
        Kind = MeasureKind.Memory,
        LimitBytes = limit,
        Dimensions = new Dictionary<string, long>(request.Dimensions) { [dimension] = batch },
    });

    private static MeasureException Failure(string model, long batch, MeasureOutcome outcome) =>
        new($"'{model}' at batch {batch}: {outcome.Problem}");
}
