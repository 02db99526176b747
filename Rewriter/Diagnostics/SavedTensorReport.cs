using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Diagnostics;

/// <summary>What a training graph saves for its backward pass: rows for tables and JSON, no formatting.</summary>
/// <param name="Dialect">Kind of training graph.</param>
/// <param name="ForwardNodes">Nodes of the forward pass.</param>
/// <param name="BackwardNodes">Nodes of the backward pass.</param>
/// <param name="Rows">One row per saved tensor, in the order of the graph.</param>
/// <param name="UnknownOperators">Operators that the table has no row for, with the tensors' readers.</param>
/// <param name="OpenDimensions">Names in the tensors' shapes that no size was given for.</param>
public sealed record SavedTensorReport(
    Dialect Dialect,
    int ForwardNodes,
    int BackwardNodes,
    IReadOnlyList<SavedTensorRow> Rows,
    IReadOnlyList<string> UnknownOperators,
    IReadOnlyList<string> OpenDimensions)
{
    /// <summary>
    /// Bytes saved by the original graph, of the rows that count (see <see cref="SavedTensorRow"/>); null where a size
    /// is unknown.
    /// </summary>
    public long? SavedBytes => Sum(Rows.Where(row => row.IsCounted), row => row.Bytes);

    /// <summary>
    /// Bytes saved by the rewritten graph; packed, tensors that shared a buffer have codes of their own.
    /// </summary>
    public long? StoredBytes =>
        Sum(Rows.Where(row => row.IsCounted || row.Decision != StorageDecision.Exact), row => row.StoredBytes);

    /// <summary>Saved over stored bytes.</summary>
    public double? Ratio =>
        SavedBytes is { } saved && StoredBytes is > 0 and var stored ? (double)saved / stored : null;

    internal static SavedTensorReport Of(
        TrainingGraph graph, IReadOnlyList<TensorPlan> plans, IReadOnlyDictionary<string, long> dimensions)
    {
        var bytes = plans.Select(plan => plan.Tensor.Type?.TryGetBytes(dimensions)).ToArray();
        var counted = CountedOf(plans, bytes);
        var added = graph.JoinedActivations.Where(joined => joined.IsInputNew).Select(joined => joined.Input)
            .Concat(graph.BoundComparisons.Where(compared => compared.IsAnswer).Select(compared => compared.Tensor))
            .Concat(graph.RowSums.Select(sum => sum.Added).OfType<Value>()).ToHashSet();
        var rows = plans.Select(
            (plan, at) => SavedTensorRow.Of(
                plan, bytes[at], counted[plan.Tensor.Buffer] != at, added.Contains(plan.Tensor.Value), dimensions))
            .Concat(from rebuilt in graph.RowSums.Select(sum => sum.Rebuilt).OfType<Value>()
                    select NoMore(rebuilt, $"computed again from '{rebuilt.Producer!.Input(0)}' and the mask"))
            .Concat(from joined in graph.JoinedActivations
                    from released in joined.Released
                    select NoMore(released, $"what reads it is {joined.Derivative.Function}'s gradient, which "
                        + $"'{joined.Input}' alone gives"))
            .Concat(from compared in graph.BoundComparisons
                    from released in compared.Released
                    select NoMore(
                        released, compared.IsAnswer
                        ? $"what reads it asks how two tensors compare, which '{compared.Tensor}' says"
                        : $"what reads it asks how '{compared.Tensor}' lies to a number"))
            .ToList();
        var unknown = plans.Where(plan => plan.Tensor.Consumers.Any(consumer => !consumer.IsKnown))
            .SelectMany(plan => plan.Tensor.Consumers).Where(consumer => !consumer.IsKnown)
            .Select(consumer => $"{consumer.Use.Node}");
        var open = OpenDimensionsOf(plans).SelectMany(dimension => dimension.Names())
            .Where(name => !dimensions.ContainsKey(name));
        var backward = graph.Split.BackwardCount;
        return new SavedTensorReport(
            graph.Split.Dialect, graph.OriginalNodes - backward, backward, rows, [.. unknown.Distinct()],
            [.. open.Distinct()]);

        SavedTensorRow NoMore(Value value, string reason) =>
            SavedTensorRow.OfNoMore(value, graph.Types.Of(value), dimensions, reason);
    }

    /// <summary>
    /// The report with a reason more for each tensor whose readers were cut into slices of the batch.
    /// </summary>
    /// <param name="plans">Those that the rows were made of.</param>
    /// <param name="sliced">The readers.</param>
    /// <param name="slices">How many slices.</param>
    internal SavedTensorReport WithSlices(IReadOnlyList<TensorPlan> plans, IReadOnlySet<Node> sliced, int slices)
    {
        var reasons = plans.Select(
            plan => plan.Tensor.Consumers.Select(consumer => consumer.Use.Node)
            .FirstOrDefault(sliced.Contains) is { } reader
            ? $"; at the peak, so in {slices} slices of the batch for '{reader.DisplayName}'"
            : "");
        return this with
        {
            Rows = [
                .. Rows.Zip(
                    reasons.Concat(Enumerable.Repeat("", Rows.Count)),
                    (row, reason) => row with { Reason = row.Reason + reason })],
        };
    }

    /// <summary>The dimensions that are no numbers, each once.</summary>
    private static IEnumerable<Dimension> OpenDimensionsOf(IReadOnlyList<TensorPlan> plans)
    {
        var open = new HashSet<Dimension>();
        foreach (var plan in plans)
        {
            if (plan.Tensor.Type?.Shape is not { IsStatic: false } shape) continue;
            for (var axis = 0; axis < shape.Rank; axis++)
            {
                if (!shape[axis].IsKnown && open.Add(shape[axis])) yield return shape[axis];
            }
        }
    }

    /// <summary>
    /// For each buffer, which of the plans of its tensors counts: one that more than the shape is read of, the largest.
    /// </summary>
    private static GraphItemMap<Value, int> CountedOf(IReadOnlyList<TensorPlan> plans, long?[] bytes)
    {
        var counted = new GraphItemMap<Value, int>();
        for (var at = 0; at < plans.Count; at++)
        {
            var buffer = plans[at].Tensor.Buffer;
            if (!counted.TryGetValue(buffer, out var best) || WeightOf(at).CompareTo(WeightOf(best)) > 0)
                counted[buffer] = at;
        }
        return counted;

        (bool, long) WeightOf(int at) => (plans[at].Tensor.Class != StorageClass.H, bytes[at] ?? 0);
    }

    private static long? Sum(IEnumerable<SavedTensorRow> rows, Func<SavedTensorRow, long?> bytesOf) =>
        rows.Aggregate((long?)0, (sum, row) => sum + bytesOf(row));
}
