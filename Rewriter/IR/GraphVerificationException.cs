using OnnxActNN.Rewriter.Diagnostics;

namespace OnnxActNN.Rewriter.IR;

/// <summary>
/// A graph breaks the rules of the object model: the code that changed it last is wrong, not the user's file.
/// </summary>
public sealed class GraphVerificationException : OnnxActNNException
{
    private const int MostShown = 10;

    internal GraphVerificationException(string graph, IReadOnlyList<string> breaches)
        : base($"Graph '{graph}' is not legal: {string.Join(" ", breaches.Take(MostShown))}"
            + (breaches.Count > MostShown ? $" ({breaches.Count - MostShown} more)" : ""))
    {
        Breaches = breaches;
    }

    /// <summary>What is wrong, one sentence each.</summary>
    public IReadOnlyList<string> Breaches { get; }
}
