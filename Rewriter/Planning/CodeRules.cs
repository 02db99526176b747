using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// One row for each kind of reader whose tensor wants more than the width of all others. The figures are relative
/// gradient errors, from docs/evidence.md.
/// </summary>
internal static class CodeRules
{
    /// <summary>
    /// Least classes for the row of losses. With fewer, probabilities are a small part of what is saved, and their
    /// error, which all gradients share, is not worth it: on a network of ten classes, trained 200 steps, 4 bits double
    /// the error of all other codes together.
    /// </summary>
    private const long Vocabulary = 4096;

    private static readonly CodeRule[] Rows =
    [
        new(ReaderKind.Weights, CodeWidth.FourBits, CodeGrid.Squared, "weights that softmax gives are mostly near 0"),
        new(ReaderKind.RowSum, CodeWidth.FourBits, CodeGrid.Uniform, "attention's gradient takes its row sum from it"),
        new(ReaderKind.LossProbabilities, CodeWidth.FourBits, CodeGrid.Squared, "kept as probabilities"),
    ];

    /// <summary>The rows that a tensor's consumers fall under.</summary>
    public static IReadOnlyList<CodeRule> Of(SavedTensor tensor) => tensor.Consumers.All(IsPlain)
        ? []
        : [.. Rows.Where(rule => tensor.Consumers.Any(consumer => consumer.Kind == rule.Kind))
            .Select(
                rule => rule.Kind == ReaderKind.LossProbabilities && !IsVocabulary(tensor)
                ? rule with { Least = CodeWidth.EightBits }
                : rule)];

    private static bool IsPlain(SavedTensorConsumer consumer) => consumer.Kind == ReaderKind.Other;

    /// <summary>The format with what the rows ask for.</summary>
    public static PackFormat Apply(IReadOnlyList<CodeRule> rules, PackFormat format) =>
        rules.Any(rule => rule.Grid == CodeGrid.Squared)
            ? format with { Grid = CodeGrid.Squared, Rounding = RoundingMode.Stochastic }
            : format;

    /// <summary>
    /// Classes are the second axis of a loss's log-probabilities, or the one that a log-softmax names.
    /// </summary>
    private static bool IsVocabulary(SavedTensor tensor)
    {
        var axis = tensor.Consumers.Select(consumer => consumer.Direct?.SumAxis)
            .FirstOrDefault(axis => axis is not null);
        return tensor.Type?.Shape is { Rank: > 1 } shape
            && shape[(int)((axis ?? 1) + (axis < 0 ? shape.Rank : 0))].Value >= Vocabulary;
    }
}
