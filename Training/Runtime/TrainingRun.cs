using Microsoft.ML.OnnxRuntime;
using NativeTrainingSession = Microsoft.ML.OnnxRuntime.TrainingSession;

namespace OnnxActNN.Training.Runtime;

/// <summary>Training with ONNX Runtime's own training session: steps of forward, backward and optimizer.</summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly SessionOptions _options;
    private readonly CheckpointState _state;
    private readonly NativeTrainingSession _session;
    private readonly bool _canEvaluate;
    private readonly int _loss;

    /// <summary>Opens the session.</summary>
    /// <param name="artifacts">The files; the checkpoint must be there.</param>
    /// <param name="settings">How the sessions of all three graphs are opened.</param>
    /// <param name="lossOutput">Name of the output that is the loss; null for the first.</param>
    /// <exception cref="OrtLibraryException">The native library cannot train.</exception>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses the files.</exception>
    public TrainingRun(TrainingArtifacts artifacts, SessionSettings settings, string? lossOutput = null)
    {
        if (!OrtLibrary.HasTraining)
        {
            throw new OrtLibraryException(
                $"ONNX Runtime {OrtLibrary.Version} of this process cannot train; 1.19.2 is the last build that can.");
        }
        var checkpoint = artifacts.Checkpoint ?? throw new FileNotFoundException(
            $"'{artifacts.TrainingModel}' has no checkpoint beside it; make one first.");
        _options = settings.ToOptions();
        _state = CheckpointState.LoadCheckpoint(checkpoint);
        using var completed = new CompletedArtifacts(artifacts);
        _canEvaluate = completed.HasEvalModel;
        _session = new NativeTrainingSession(
            _options, _state, artifacts.TrainingModel, completed.EvalModel, completed.OptimizerModel);
        InputNames = _session.InputNames(training: true);
        _loss = lossOutput is null ? 0 : Math.Max(0, _session.OutputNames(training: true).IndexOf(lossOutput));
    }

    /// <summary>The caller's inputs, in the order that <see cref="Step"/> takes them.</summary>
    public IReadOnlyList<string> InputNames { get; }

    /// <summary>One forward and backward pass; the gradients of the step before are overwritten.</summary>
    /// <returns>The loss before the optimizer's step.</returns>
    public float Step(IReadOnlyList<OrtValue> inputs)
    {
        _session.LazyResetGrad();
        using var outputs = _session.TrainStep(inputs);
        return outputs[_loss].GetTensorDataAsSpan<float>()[0];
    }

    /// <summary>
    /// Updates the parameters by the optimizer's graph; where the artifacts have none, by
    /// <see cref="OptimizerGraph.AdamW"/>.
    /// </summary>
    public void OptimizerStep() => _session.OptimizerStep();

    /// <summary>The loss by the evaluation graph.</summary>
    /// <exception cref="InvalidOperationException">The artifacts have no evaluation graph.</exception>
    public float Evaluate(IReadOnlyList<OrtValue> inputs)
    {
        if (!_canEvaluate) throw new InvalidOperationException("The artifacts have no evaluation graph.");
        using var outputs = _session.EvalStep(inputs);
        return outputs[0].GetTensorDataAsSpan<float>()[0];
    }

    /// <summary>Writes parameters (and the optimizer's state) by ONNX Runtime's own writer.</summary>
    public void SaveCheckpoint(string path, bool withOptimizer) =>
        CheckpointState.SaveCheckpoint(_state, path, withOptimizer);

    /// <summary>Ends the session; a profile that was asked for is complete only then.</summary>
    public void Dispose()
    {
        _session.Dispose();
        _state.Dispose();
        _options.Dispose();
    }
}
