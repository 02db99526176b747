using OnnxActNN.Training.Measurement;

namespace OnnxActNN.Benchmarks.Zoo;

/// <summary>Measures one pair of graphs, every figure in a process of its own.</summary>
/// <param name="process">Starts the processes.</param>
internal sealed class ZooMeasurement(MeasureProcess process)
{
    private const int TimedSteps = 3;

    /// <summary>Saved bytes and both peaks.</summary>
    /// <exception cref="MeasureException">The runtime does not run one of the graphs.</exception>
    public ZooRow Peaks(ZooPair pair, ZooRow row)
    {
        var (small, large) = pair.Batches;
        var original = Sizes(pair, pair.Original);
        var packed = Sizes(pair, pair.Packed);
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
        };
    }

    /// <summary>Step times, first of the one graph, then of the other, and where the other's goes.</summary>
    /// <exception cref="MeasureException">The runtime does not run one of the graphs.</exception>
    public ZooRow Times(ZooPair pair, ZooRow row)
    {
        var (original, packed) = (Median(pair, pair.Original), Median(pair, pair.Packed));
        var execution = Ask(pair.Request(pair.Packed, pair.Batches.Large, steps: 1, MeasureKind.Execution)).Execution!;
        return row with
        {
            StepOriginal = original,
            StepPacked = packed,
            Pack = execution.Shares.Pack,
            Unpack = execution.Shares.Unpack,
            Rebuild = execution.Shares.Rebuild,
        };
    }

    private double Median(ZooPair pair, string model)
    {
        var times = Ask(pair.Request(model, pair.Batches.Large, TimedSteps, MeasureKind.Time)).Steps!.StepMilliseconds;
        return times.Order().ElementAt(times.Count / 2);
    }

    private (string Runtime, double Saved, double Liveness, double Peak) Sizes(ZooPair pair, string model)
    {
        var (smallBatch, largeBatch) = pair.Batches;
        var large = At(largeBatch);
        if (smallBatch == largeBatch) return large;
        var small = At(smallBatch);
        double PerSample(double at, double from) => (at - from) / (largeBatch - smallBatch);
        return (
            large.Runtime, PerSample(large.Saved, small.Saved), PerSample(large.Liveness, small.Liveness),
            PerSample(large.Peak, small.Peak));

        (string Runtime, double Saved, double Liveness, double Peak) At(long batch)
        {
            var steps = Ask(pair.Request(model, batch, steps: 1, MeasureKind.Memory));
            var execution = Ask(pair.Request(model, batch, steps: 1, MeasureKind.Execution)).Execution!;
            var peak = steps.Steps!.PeakBytes
                ?? throw new MeasureException("This system does not tell the memory of a process.");
            return ($"ONNX Runtime {steps.Library}", execution.SavedBytes, execution.PeakLivenessBytes, peak);
        }
    }

    private MeasureReply Ask(MeasureRequest request)
    {
        var outcome = process.Try(request);
        return outcome.Problem is null ? outcome.Reply! : throw new MeasureException(outcome.Problem);
    }
}
