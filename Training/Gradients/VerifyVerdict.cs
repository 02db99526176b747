namespace OnnxActNN.Training.Gradients;

/// <summary>A verification with what does not hold, and where too large an error comes from.</summary>
/// <param name="Result">What was measured.</param>
/// <param name="LargestError">Most times the squared norm that an error might be.</param>
/// <param name="Problems">What does not hold, a sentence each.</param>
/// <param name="Sources">
/// The tensors whose codes make an error that is too large, the worst first; empty where none is.
/// </param>
internal sealed record VerifyVerdict(
    Verification Result, double LargestError, IReadOnlyList<string> Problems, IReadOnlyList<ErrorSource> Sources)
{
    public bool Passed => Problems.Count == 0;

    /// <summary>Verifies, and looks for the sources of an error above the limit.</summary>
    /// <param name="graphs">The graphs, and the step.</param>
    /// <param name="draws">Draws of the noise, at least 2.</param>
    /// <param name="largestBias">Share of a gradient's norm that a bias may have.</param>
    /// <param name="largestError">Most times the squared norm that an error may be.</param>
    public static VerifyVerdict Of(ComparedGraphs graphs, int draws, double largestBias, double largestError)
    {
        var result = Verification.Run(graphs, draws);
        var problems = result.Problems(largestBias, largestError);
        if (!result.IsComparable || result.Noisy(largestError) is not { Count: > 0 } noisy)
            return new VerifyVerdict(result, largestError, problems, []);
        var sources = ErrorSearch.Run(graphs, noisy);
        return new VerifyVerdict(result, largestError, [.. problems, NextStep(sources)], sources);
    }

    private static string NextStep(IReadOnlyList<ErrorSource> sources)
    {
        if (sources.Count == 0)
            return "no tensor alone makes a tenth of that error: rewrite with more bits for all (--bits)";
        var told = sources.Select(source =>
            $"'{source.Tensor}' ({source.Levels} levels{ReadBy(source)}: {source.Share:P0} of that error)");
        var excluded = sources.Select(source => $"--exclude '{source.Tensor}'");
        return $"it comes from the codes of {string.Join(", ", told)}; rewrite with more bits (--bits, or 'levels' in "
            + $"a plan), or leave exact what makes it ({string.Join(' ', excluded)})";
    }

    private static string ReadBy(ErrorSource source) =>
        source.Readers.Length > 0 ? $", read by {source.Readers}" : "";
}
