using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Plans;

namespace OnnxActNN.Training.Loops;

/// <summary>How one tensor was and is kept, before and after planning anew.</summary>
/// <param name="Tensor">Name of the tensor.</param>
/// <param name="From">Levels or decision before; null where there was no plan.</param>
/// <param name="To">Levels or decision now.</param>
internal sealed record LevelChange(string Tensor, string? From, string To)
{
    /// <summary>Those that differ from the plan before, in the graph's order; all where there was none.</summary>
    public static IEnumerable<LevelChange> Between(BitPlan? before, BitPlan after)
    {
        var known = before?.Tensors.ToDictionary(tensor => tensor.Name, Kept) ?? [];
        return after.Tensors.Select(
            tensor => new LevelChange(tensor.Name, known.GetValueOrDefault(tensor.Name), Kept(tensor)))
            .Where(change => change.From != change.To);
    }

    public override string ToString() => From is null ? $"{Tensor} {To}" : $"{Tensor} {From} to {To}";

    private static string LevelsOf(PlannedTensor tensor) =>
        tensor.WidthShares is { } shares
            ? $"{tensor.Levels} ({string.Join('/', shares)} of 255 groups wider)"
            : $"{tensor.Levels}";

    private static string Kept(PlannedTensor tensor) =>
        tensor.Decision == StorageDecision.Quantize ? LevelsOf(tensor) : tensor.Decision.ToString().ToLowerInvariant();
}
