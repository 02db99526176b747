using OnnxActNN.Training.Measurement;

namespace OnnxActNN.Benchmarks.Zoo;

/// <summary>Measures one pair of graphs, every figure in a process of its own.</summary>
/// <param name="process">Starts the processes.</param>
internal sealed class ZooMeasurement(MeasureProcess process)
{
    private const int TimedSteps = 3;

    /// <summary>Saved bytes, both peaks, and where the packed step's time goes.</summary>
    /// <exception cref="MeasureException">The runtime does not run one of the graphs.</exception>
    public ZooRow Peaks(ZooPair pair, ZooRow row)
    {
        var (small, large) = pair.Batches;
        var (original, _) = Sizes(pair, pair.Original);
        var (packed, shares) = Sizes(pair, pair.Packed);
        return row with
        {
            Runtime = original.Runtime,
            Small = small,
            Large = large,
            SavedOriginal = original.Saved,
            SavedPacked = packed.Saved,
            LivenessOriginal = original.Liveness,
            LivenessPacked = packed.Liveness,
            PeakOriginal = original.Peak,
            PeakPacked = packed.Peak,
            Pack = shares.Pack,
            Unpack = shares.Unpack,
            Rebuild = shares.Rebuild,
        };
    }

    /// <summary>Step times, first of the one graph, then of the other.</summary>
    /// <exception cref="MeasureException">The runtime does not run one of the graphs.</exception>
    public ZooRow Times(ZooPair pair, ZooRow row) =>
        row with { StepOriginal = Median(pair, pair.Original), StepPacked = Median(pair, pair.Packed) };

    private double Median(ZooPair pair, string model)
    {
        var times = Ask(pair.Request(model, pair.Batches.Large, TimedSteps, profile: false)).Steps!.StepMilliseconds;
        return times.Order().ElementAt(times.Count / 2);
    }

    private ((string Runtime, double Saved, double Liveness, double Peak) Sizes, StepShares Shares) Sizes(
        ZooPair pair, string model)
    {
        var (smallBatch, largeBatch) = pair.Batches;
        var large = At(largeBatch);
        if (smallBatch == largeBatch) return ((large.Runtime, large.Saved, large.Liveness, large.Peak), large.Shares);
        var small = At(smallBatch);
        double PerSample(double at, double from) => (at - from) / (largeBatch - smallBatch);
        return (
            (large.Runtime, PerSample(large.Saved, small.Saved), PerSample(large.Liveness, small.Liveness),
                PerSample(large.Peak, small.Peak)),
            large.Shares);

        (string Runtime, double Saved, double Liveness, double Peak, StepShares Shares) At(long batch)
        {
            var steps = Ask(pair.Request(model, batch, steps: 1, profile: false));
            var execution = Ask(pair.Request(model, batch, steps: 1, profile: true)).Execution!;
            var peak = steps.Steps!.PeakBytes ?? throw new MeasureException("This system does not tell the memory of a process.");
            return ($"ONNX Runtime {steps.Library}", execution.SavedBytes, execution.PeakLivenessBytes, peak, execution.Shares);
        }
    }

    private MeasureReply Ask(MeasureRequest request)
    {
        var outcome = process.Try(request);
        return outcome.Problem is null ? outcome.Reply! : throw new MeasureException(outcome.Problem);
    }
}
