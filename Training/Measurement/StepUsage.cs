using System.Diagnostics;

namespace OnnxActNN.Training.Measurement;

/// <summary>What a span of time took of this machine.</summary>
/// <param name="Elapsed">The time itself.</param>
/// <param name="InSystem">Time of processors within the system, of all threads.</param>
/// <param name="PageFaults">Pages fetched from the system; 0 where it does not tell.</param>
internal readonly record struct StepUsage(TimeSpan Elapsed, TimeSpan InSystem, long PageFaults)
{
    /// <summary>The counters as they stand; only their differences mean something.</summary>
    public static StepUsage Now => new(
        Stopwatch.GetElapsedTime(0), Environment.CpuUsage.PrivilegedTime,
        ProcessMemory.IsSupported ? ProcessMemory.PageFaults : 0);

    /// <summary>What was used from <paramref name="begin"/>, a reading of <see cref="Now"/>, on.</summary>
    public static StepUsage Since(StepUsage begin)
    {
        var now = Now;
        return new StepUsage(
            now.Elapsed - begin.Elapsed, now.InSystem - begin.InSystem, now.PageFaults - begin.PageFaults);
    }
}
