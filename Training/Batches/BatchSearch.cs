namespace OnnxActNN.Training.Batches;

/// <summary>
/// Finds the largest batch that fits with few trials: from a guess, along the line of the bytes that the trials
/// measure, then in strides that double until one side fits and the other does not, then by halves. Pure: knows no
/// processes.
/// </summary>
/// <param name="tryBatch">Tries one batch; whatever fits must fit with fewer samples too.</param>
/// <param name="limit">Bytes that <see cref="BatchTrial.ProcessBytes"/> may reach.</param>
/// <param name="bytesPerSample">What one more sample is thought to need, until two trials tell; above 0.</param>
internal sealed class BatchSearch(Func<long, BatchTrial> tryBatch, long limit, double bytesPerSample)
{
    /// <summary>The answer lies within this part of itself, or one sample.</summary>
    private const long Parts = 100;

    private readonly List<BatchTrial> _trials = [];

    /// <summary>What was tried, in that order.</summary>
    public IReadOnlyList<BatchTrial> Trials => _trials;

    /// <summary>Searches.</summary>
    /// <param name="first">The batch to begin with, at least 1; one that surely fits tells most.</param>
    /// <returns>The largest batch that fits, within 1 % or one sample; 0 where none does.</returns>
    public long Find(long first)
    {
        (long fits, long fails) = (0, long.MaxValue);
        (long up, long down) = (0, 0);
        for (var batch = Math.Max(1, first); fails - fits > Resolution(fits);)
        {
            var trial = tryBatch(batch);
            _trials.Add(trial);
            if (trial.Fits) fits = batch;
            else fails = batch;
            if (fails == long.MaxValue)
            {
                up = Math.Max(Resolution(fits), 2 * up);
                batch = Math.Max(fits + up, Estimate());
            }
            else
            {
                // A guess that failed lies near the answer; what fits below it tells a better guess; halves are the
                // worst case.
                down = trial.Fits ? fails : Math.Max(2 * Resolution(fails), 2 * down);
                var near = trial.Fits ? Estimate() : fails - down;
                batch = Math.Min(Math.Max(fits + (fails - fits) / 2, near), fails - Resolution(fits));
            }
        }
        return fits;
    }

    private static long Resolution(long batch) => Math.Max(1, batch / Parts);

    /// <summary>Where the line through what was measured reaches the limit.</summary>
    private long Estimate()
    {
        var measured = _trials.Where(trial => trial.ProcessBytes is not null).OrderBy(trial => trial.Batch).ToList();
        if (measured.Count == 0) return 0;
        var last = measured[^1];
        var slope = measured.Count > 1 && last.ProcessBytes > measured[^2].ProcessBytes
            ? (double)(last.ProcessBytes!.Value - measured[^2].ProcessBytes!.Value) / (last.Batch - measured[^2].Batch)
            : bytesPerSample;
        return last.Batch + (long)Math.Floor((limit - last.ProcessBytes!.Value) / slope);
    }
}
