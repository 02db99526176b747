namespace OnnxActNN.Training.Loops;

/// <summary>Hears what a <see cref="TrainingLoop"/> does, as it does it.</summary>
internal interface ITrainingListener
{
    /// <summary>After each step of each run: its figures in this epoch so far, not evaluated.</summary>
    public void OnStep(EpochResult soFar);

    /// <summary>After each epoch of each run.</summary>
    public void OnEpoch(EpochResult result);

    /// <summary>When a run's bits were planned anew, before the epoch that they are for.</summary>
    public void OnPlan(PlanChange change)
    {
    }
}
