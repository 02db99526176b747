namespace OnnxActNN.Training.Measurement;

/// <summary>How a measuring process ended.</summary>
/// <param name="Reply">Its answer; null where it died without one.</param>
/// <param name="ExitCode">128 and the signal's number where a signal ended it.</param>
/// <param name="Errors">What it wrote to its error stream, if that was kept.</param>
internal sealed record MeasureOutcome(MeasureReply? Reply, int ExitCode, string Errors)
{
    /// <summary>SIGABRT: what .NET and the C++ library end a process with that gets no memory.</summary>
    private const int Aborted = 128 + 6;

    /// <summary>SIGKILL: the system was out of memory.</summary>
    private const int Killed = 128 + 9;

    /// <summary>Whether it ended because memory was refused.</summary>
    public bool IsOutOfMemory => Reply?.IsOutOfMemory ?? ExitCode is Aborted or Killed;

    /// <summary>Why there is no measurement; null where there is one.</summary>
    public string? Problem => Reply is not null
        ? Reply.Error
        : string.Join(' ', $"the measuring process ended with code {ExitCode} and without an answer.", LastLine)
            .TrimEnd();

    private string LastLine => Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault("");
}
