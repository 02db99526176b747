namespace OnnxActNN.CustomOps.Ops;

/// <summary>Numbers the runs of one kernel. Safe from several threads.</summary>
internal sealed class RunCounter(long firstRun)
{
    private long _next = firstRun;

    /// <summary>The number of the run that starts now.</summary>
    public long Next() => Interlocked.Increment(ref _next) - 1;
}
