using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Sessions;

namespace OnnxActNN.Training.Optimizers;

/// <summary>Moments, step count and learning rate of the trained parameters.</summary>
internal sealed class OptimizerState
{
    /// <summary>The name that ONNX Runtime gives the only group of its checkpoints.</summary>
    private const string GroupName = "group0";

    private const string MomentName = "momentum";
    private const float DefaultLearningRate = 1e-3f;

    private readonly IOptimizer _optimizer;
    private readonly ParallelUpdate _update;
    private readonly TensorLayout _layout;
    private TensorBlock[] _moments = [];

    public OptimizerState(IOptimizer optimizer, TensorLayout layout, ParallelUpdate update)
    {
        (_optimizer, _layout, _update) = (optimizer, layout, update);
    }

    /// <summary>Steps taken.</summary>
    public long Step { get; private set; }

    public float LearningRate { get; set; } = DefaultLearningRate;

    /// <summary>The learning rate that a schedule starts from; what checkpoints keep.</summary>
    public float InitialLearningRate { get; set; } = DefaultLearningRate;

    public long Bytes => _moments.Sum(block => block.Bytes);

    /// <summary>One step over all parameters.</summary>
    public void Apply(TensorBlock parameters, TensorBlock gradients)
    {
        AllocateMoments();
        var step = new OptimizerStep(Step + 1, LearningRate);
        _update.Run((offset, length) => _optimizer.Update(step, new OptimizerPart
        {
            Parameters = parameters.Part(offset, length),
            Gradients = gradients.Part(offset, length),
            FirstMoments = _moments.Length > 0 ? _moments[0].Part(offset, length) : default,
            SecondMoments = _moments.Length > 1 ? _moments[1].Part(offset, length) : default,
        }));
        Step++;
    }

    /// <summary>The state as a checkpoint keeps it.</summary>
    public OptimizerGroup ToGroup()
    {
        AllocateMoments();
        return new OptimizerGroup(GroupName, Step, InitialLearningRate, [.. _layout.Names.Select(ToState)]);
    }

    /// <summary>Takes the state over from a checkpoint.</summary>
    /// <exception cref="TrainingSessionException">
    /// The state is not of these parameters, or of another optimizer.
    /// </exception>
    public void Load(OptimizerGroup group)
    {
        AllocateMoments();
        var states = group.States.ToDictionary(state => state.ParameterName);
        foreach (var name in _layout.Names)
        {
            if (!states.TryGetValue(name, out var state) || state.Momentums.Count != _moments.Length)
            {
                throw new TrainingSessionException(
                    $"The checkpoint's optimizer state has {state?.Momentums.Count ?? 0} moments of parameter '{name}' "
                    + $"and {_optimizer} keeps {_moments.Length}. Choose the optimizer that wrote it, "
                    + "or remove the checkpoint's optimizer groups.");
            }
            for (var moment = 0; moment < _moments.Length; moment++)
                _moments[moment].CopyFrom(name, state.Momentums[moment]);
        }
        (Step, LearningRate, InitialLearningRate) = (group.Step, group.InitialLearningRate, group.InitialLearningRate);
    }

    private ParameterOptimizerState ToState(string name) =>
        new(name,
            [.. _moments.Select((block, index) => block.ToCheckpoint(name) with { Name = $"{MomentName}{index}" })]);

    private void AllocateMoments()
    {
        if (_moments.Length == 0)
            _moments = [.. Enumerable.Range(0, _optimizer.Moments).Select(_ => new TensorBlock(_layout))];
    }
}
