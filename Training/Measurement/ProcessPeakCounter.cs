namespace OnnxActNN.Training.Measurement;

/// <summary>By the resident memory of the process.</summary>
internal sealed class ProcessPeakCounter : IPeakCounter
{
    private long _start;

    /// <inheritdoc/>
    public bool IsExact => false;

    /// <inheritdoc/>
    public void Start()
    {
        if (!ProcessMemory.IsSupported) return;
        // What the managed heap gives back now, it cannot give back in between and so hide a part of the peak.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        ProcessMemory.ResetPeak();
        _start = ProcessMemory.Resident;
    }

    /// <inheritdoc/>
    public long? Read() => ProcessMemory.IsSupported ? ProcessMemory.Peak - _start : null;
}
