using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// One row for each kind of reader whose tensor wants more than the width of all others. The figures are relative gradient errors, from
/// docs/evidence.md.
/// </summary>
internal static class CodeRules
{
    private static readonly CodeRule[] Rows =
    [
        new(ReaderKind.Weights, CodeWidth.FourBits, CodeGrid.Squared, "weights that softmax gives are mostly near 0"),
        new(ReaderKind.RowSum, CodeWidth.FourBits, CodeGrid.Uniform, "attention's gradient takes its row sum from it"),
        new(ReaderKind.LossProbabilities, CodeWidth.FourBits, CodeGrid.Squared, "kept as probabilities"),
    ];

    /// <summary>The rows that a tensor's consumers fall under.</summary>
    public static IReadOnlyList<CodeRule> Of(SavedTensor tensor) =>
        [.. Rows.Where(rule => tensor.Consumers.Any(consumer => consumer.Kind == rule.Kind))];

    /// <summary>The format with what the rows ask for.</summary>
    public static PackFormat Apply(IReadOnlyList<CodeRule> rules, PackFormat format) =>
        rules.Any(rule => rule.Grid == CodeGrid.Squared)
            ? format with { Grid = CodeGrid.Squared, Rounding = RoundingMode.Stochastic }
            : format;
}
