namespace OnnxActNN.Benchmarks.Training;

/// <summary>A model that is trained on one batch again and again.</summary>
internal interface IStepRun : IDisposable
{
    /// <summary>One step and the optimizer's.</summary>
    public StepTime Step();
}
