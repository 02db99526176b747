namespace OnnxActNN.Training.Measurement;

/// <summary>By <see cref="CountingAllocator"/>.</summary>
internal sealed class AllocatorPeakCounter : IPeakCounter
{
    private long _start;

    /// <inheritdoc/>
    public bool IsExact => true;

    /// <inheritdoc/>
    public void Start()
    {
        CountingAllocator.ResetPeak();
        _start = CountingAllocator.InUse;
    }

    /// <inheritdoc/>
    public long? Read() => CountingAllocator.Peak - _start;
}
