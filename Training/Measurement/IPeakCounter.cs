namespace OnnxActNN.Training.Measurement;

/// <summary>Most bytes needed from one moment to another, on top of those at the start.</summary>
internal interface IPeakCounter
{
    /// <summary>Whether the figure counts allocations, not the system's pages.</summary>
    public bool IsExact { get; }

    /// <summary>Marks the start.</summary>
    public void Start();

    /// <summary>The figure so far; null where it cannot be had.</summary>
    public long? Read();
}
