namespace OnnxActNN.Training.Loops;

/// <summary>Hands on what it hears to several others, in order.</summary>
internal sealed class TrainingListeners(params IReadOnlyList<ITrainingListener> listeners) : ITrainingListener
{
    /// <inheritdoc/>
    public void OnStep(EpochResult soFar)
    {
        foreach (var listener in listeners) listener.OnStep(soFar);
    }

    /// <inheritdoc/>
    public void OnEpoch(EpochResult result)
    {
        foreach (var listener in listeners) listener.OnEpoch(result);
    }

    /// <inheritdoc/>
    public void OnPlan(PlanChange change)
    {
        foreach (var listener in listeners) listener.OnPlan(change);
    }
}
