using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Benchmarks.Training;

/// <summary>The options of <see cref="SessionVerb"/>.</summary>
internal sealed class StepOptions(NamedArguments arguments)
{
    /// <summary>Folder of a zoo entry.</summary>
    public string Entry => arguments["--entry"];

    public long Batch => arguments.Number("--batch", 8);

    public int Steps => arguments.Number("--steps", 50);

    /// <summary>
    /// Steps before those that are timed: the just-in-time compiler takes some tens of milliseconds to get to its best
    /// code.
    /// </summary>
    public int WarmUp => arguments.Number("--warm-up", 10);

    /// <summary>Folder of ONNX Runtime 1.19.2; null to leave it out.</summary>
    public string? Native => arguments.Find("--native");

    /// <summary>How all sessions are opened.</summary>
    public SessionSettings Settings => new()
    {
        Threads = arguments.Number("--threads", 1),
        Arena = arguments.Find("--arena") != "off",
    };
}
