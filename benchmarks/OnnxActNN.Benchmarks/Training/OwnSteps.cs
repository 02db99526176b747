using OnnxActNN.Rewriter;
using OnnxActNN.Training;

namespace OnnxActNN.Benchmarks.Training;

/// <summary>Steps of our session, on the ONNX Runtime of this process.</summary>
internal sealed class OwnSteps(StepBatch batch, RewriteOptions? rewrite) : IStepRun
{
    private readonly TrainingSession _session = new(
        batch.State, batch.Files.TrainingModel, optimizerModelPath: batch.Files.OptimizerModel,
        options: new TrainingSessionOptions { Rewrite = rewrite, Session = batch.Options.Settings });

    /// <inheritdoc/>
    public StepTime Step() => StepTime.Measure(
        () =>
        {
            _session.LazyResetGrad();
            _session.TrainStep(batch.Feeds.InOrder(_session.InputNames(training: true))).Dispose();
        },
        _session.OptimizerStep);

    public void Dispose() => _session.Dispose();
}
