namespace OnnxActNN.Tools;

/// <summary>What the tool's exit codes mean; scripts rely on them.</summary>
internal static class ExitCode
{
    /// <summary>The work is done.</summary>
    public const int Done = 0;

    /// <summary>The work is done and a check did not hold.</summary>
    public const int CheckFailed = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>The model, or this machine, lacks something that the command needs.</summary>
    public const int Unsupported = 3;

    /// <summary>A file cannot be read or written, or is damaged.</summary>
    public const int InputOutput = 4;
}
