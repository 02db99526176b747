using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Data;
using OnnxActNN.Training.Feeds;

namespace OnnxActNN.Training.Loops;

/// <summary>
/// Trains one or several models on the same batches, epoch by epoch, from wherever a checkpoint stands.
/// </summary>
/// <param name="data">The samples, of the shape that the models take.</param>
/// <param name="batchSize">Samples per step; what is left of an epoch is dropped.</param>
/// <param name="seed">Decides the order of the samples, epoch by epoch.</param>
internal sealed class TrainingLoop(SampleFiles data, int batchSize, ulong seed)
{
    private const string EpochProperty = "onnxactnn.epoch";
    private const string BatchProperty = "onnxactnn.batch";

    private int BatchesPerEpoch => data.Train.Count / batchSize;

    /// <summary>Trains up to the given epoch.</summary>
    /// <param name="runs">The models. The first one's checkpoint says where to go on.</param>
    /// <param name="epochs">Epochs in all.</param>
    /// <param name="evaluate">Whether to evaluate after each epoch.</param>
    /// <param name="listener">Takes the results.</param>
    /// <param name="cancellation">Ends training after the present step, and evaluation after the present batch.</param>
    /// <param name="replanner">Plans the first run's bits between epochs; null for bits that stay.</param>
    /// <returns>Whether all epochs were done.</returns>
    public bool Run(
        IReadOnlyList<ClassifierRun> runs, int epochs, bool evaluate, ITrainingListener listener,
        CancellationToken cancellation, Replanner? replanner = null)
    {
        var place = runs[0].Session.Properties.Integers;
        var (firstEpoch, firstBatch) = ((int)Get(place, EpochProperty), (int)Get(place, BatchProperty));
        for (var epoch = firstEpoch; epoch < epochs; epoch++)
        {
            if (replanner is not null && replanner.IsDue(epoch)) listener.OnPlan(replanner.Apply(runs[0], epoch));
            if (!Train(runs, epoch, epoch == firstEpoch ? firstBatch : 0, listener, cancellation)) return false;
            foreach (var run in runs) SetPlace(run.Session.Properties, epoch + 1, 0);
            foreach (var run in runs)
            {
                (double Loss, double? Accuracy)? evaluated =
                    evaluate ? run.Evaluate(EvalBatches(run.FixedBatch is not null), cancellation) : null;
                if (cancellation.IsCancellationRequested) return false;
                listener.OnEpoch(
                    run.Result(epoch + 1) with { EvalLoss = evaluated?.Loss, Accuracy = evaluated?.Accuracy });
            }
        }
        return true;
    }

    private bool Train(
        IReadOnlyList<ClassifierRun> runs, int epoch, int firstBatch, ITrainingListener listener,
        CancellationToken cancellation)
    {
        foreach (var run in runs) run.StartEpoch();
        var order = Shuffle(epoch);
        for (var batch = firstBatch; batch < BatchesPerEpoch; batch++)
        {
            if (cancellation.IsCancellationRequested) return false;
            var samples = data.Train.Take(order.AsSpan(batch * batchSize, batchSize).ToArray());
            foreach (var run in runs)
            {
                run.Train(samples);
                SetPlace(run.Session.Properties, epoch, batch + 1);
                listener.OnStep(run.Result(epoch + 1));
            }
        }
        return true;
    }

    /// <summary>The samples kept for evaluation; the incomplete last batch only where the graph takes it.</summary>
    private IEnumerable<SampleSet> EvalBatches(bool isFixed)
    {
        var end = isFixed ? data.Test.Count / batchSize * batchSize : data.Test.Count;
        for (var start = 0; start < end; start += batchSize)
            yield return data.Test.Take([.. Enumerable.Range(start, Math.Min(batchSize, end - start))]);
    }

    /// <summary>The order of an epoch depends on seed and epoch alone (Fisher and Yates).</summary>
    private int[] Shuffle(int epoch)
    {
        var order = Enumerable.Range(0, data.Train.Count).ToArray();
        var key = SplitMix64.Mix(seed ^ SplitMix64.Mix((ulong)epoch));
        for (var last = order.Length - 1; last > 0; last--)
        {
            var other = (int)(SplitMix64.At(key, (ulong)last) % (ulong)(last + 1));
            (order[last], order[other]) = (order[other], order[last]);
        }
        return order;
    }

    private static void SetPlace(PropertyBag properties, int epoch, int batch) =>
        (properties.Integers[EpochProperty], properties.Integers[BatchProperty]) = (epoch, batch);

    private static long Get(IDictionary<string, long> properties, string name) =>
        properties.TryGetValue(name, out var value) ? value : 0;
}
