namespace OnnxActNN.Training.Loops;

/// <summary>Keeps the results of all epochs, in order.</summary>
internal sealed class CollectedResults : ITrainingListener
{
    private readonly List<EpochResult> _epochs = [];

    public IReadOnlyList<EpochResult> Epochs => _epochs;

    /// <inheritdoc/>
    public void OnStep(EpochResult soFar)
    {
    }

    /// <inheritdoc/>
    public void OnEpoch(EpochResult result) => _epochs.Add(result);
}
