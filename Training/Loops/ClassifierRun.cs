using System.Diagnostics;
using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxActNN.Training.Data;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Measurement;

namespace OnnxActNN.Training.Loops;

/// <summary>One model that is being trained to tell classes apart, with what is measured of it.</summary>
internal sealed class ClassifierRun : IDisposable
{
    private readonly GraphInput _samples;
    private readonly GraphInput _labels;
    private readonly bool _samplesFirst;
    private readonly Stopwatch _watch = new();
    private long _trained;
    private double _lossSum;
    private int _steps;

    /// <param name="name">What tables call it.</param>
    /// <param name="session">The session; disposed with this.</param>
    /// <exception cref="TrainingSessionException">The graph's inputs are not samples and labels.</exception>
    public ClassifierRun(string name, TrainingSession session)
    {
        (Name, Session) = (name, session);
        var inputs = session.DataInputs;
        var isLabel = inputs.ToLookup(input => input.ElementType is TensorElementType.Int64 or TensorElementType.Int32);
        if (inputs.Count != 2 || isLabel[false].Count() != 1 || isLabel[true].First().Shape.Rank != 1)
        {
            throw new TrainingSessionException(
                "Wanted is a graph with two inputs, float samples and one whole number per sample; this one has "
                + $"{string.Join(", ", inputs.Select(input => $"{input.Name}: {input.ElementType} {input.Shape}"))}. "
                + "Use TrainingSession in a program of your own.");
        }
        (_samples, _labels) = (isLabel[false].First(), isLabel[true].First());
        _samplesFirst = inputs[0] == _samples;
    }

    public string Name { get; }

    public TrainingSession Session { get; private set; }

    /// <summary>Sizes of one sample.</summary>
    public IReadOnlyList<long> SampleSizes => [.. _samples.Shape.Skip(1).Select(size => size.Value
        ?? throw new TrainingSessionException(
            $"Input '{_samples.Name}' {_samples.Shape} has an open size beside the batch."))];

    /// <summary>Name of the batch dimension; null where the graph fixes its size.</summary>
    public string? BatchDimension => _samples.Shape[0].IsName ? _samples.Shape[0].ToString() : null;

    /// <summary>The only batch size that the graph takes; null for any.</summary>
    public long? FixedBatch => _samples.Shape[0].Value;

    /// <summary>Largest bytes within a step so far, with what the session holds between steps.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Trains on one batch.</summary>
    public void Train(SampleSet batch)
    {
        var before = CountingAllocator.InUse;
        CountingAllocator.ResetPeak();
        _watch.Start();
        Session.LazyResetGrad();
        using (var inputs = new BatchInputs(this, batch))
        using (var outputs = Session.TrainStep(inputs.Values))
            _lossSum += outputs[0].GetTensorDataAsSpan<float>()[0];
        Session.OptimizerStep();
        _watch.Stop();
        PeakBytes = Math.Max(PeakBytes, CountingAllocator.Peak - before + Session.Memory.Total);
        _trained += batch.Count;
        _steps++;
    }

    /// <summary>
    /// Goes on with another session of the same graph, in place of the present one, which is disposed.
    /// </summary>
    public void Reopen(TrainingSession session)
    {
        Session.Dispose();
        Session = session;
    }

    /// <summary>Starts the means of <see cref="Result"/> anew.</summary>
    public void StartEpoch()
    {
        (_lossSum, _steps, _trained) = (0, 0, 0);
        _watch.Reset();
    }

    /// <summary>Figures since <see cref="StartEpoch"/>; not evaluated.</summary>
    /// <param name="epoch">Number of the epoch, from 1.</param>
    public EpochResult Result(int epoch) => new(
        Name, epoch, Session.Step, _lossSum / Math.Max(1, _steps), EvalLoss: null, Accuracy: null,
        _trained / Math.Max(1e-9, _watch.Elapsed.TotalSeconds), PeakBytes);

    /// <summary>
    /// Loss, and share of samples whose largest logit is their class, which is null where the session gives no logits.
    /// Of the batches until cancellation alone.
    /// </summary>
    public (double Loss, double? Accuracy) Evaluate(IEnumerable<SampleSet> batches, CancellationToken cancellation)
    {
        var (loss, right, samples, hasLogits) = (0.0, 0, 0, false);
        foreach (var batch in batches.TakeWhile(_ => !cancellation.IsCancellationRequested))
        {
            using var inputs = new BatchInputs(this, batch);
            using var outputs = Session.EvalStep(inputs.Values);
            loss += outputs[0].GetTensorDataAsSpan<float>()[0] * (double)batch.Count;
            samples += batch.Count;
            if (outputs.Count < 2) continue;
            hasLogits = true;
            right += CountRight(outputs[outputs.Count - 1].GetTensorDataAsSpan<float>(), batch.Labels);
        }
        return (loss / samples, hasLogits ? (double)right / samples : null);
    }

    public void Dispose() => Session.Dispose();

    private static int CountRight(ReadOnlySpan<float> logits, long[] labels)
    {
        var (classes, right) = (logits.Length / labels.Length, 0);
        for (var sample = 0; sample < labels.Length; sample++)
        {
            if (TensorPrimitives.IndexOfMax(logits.Slice(sample * classes, classes)) == labels[sample]) right++;
        }
        return right;
    }

    private sealed class BatchInputs : IDisposable
    {
        public BatchInputs(ClassifierRun run, SampleSet batch)
        {
            var samples = OrtValue.CreateTensorValueFromMemory(batch.Values, [batch.Count, .. run.SampleSizes]);
            var labels = FeedTensor.Create(run._labels.ElementType, [batch.Count], i => batch.Labels[i]);
            Values = run._samplesFirst ? [samples, labels] : [labels, samples];
        }

        public IReadOnlyList<OrtValue> Values { get; }

        public void Dispose()
        {
            foreach (var value in Values) value.Dispose();
        }
    }
}
