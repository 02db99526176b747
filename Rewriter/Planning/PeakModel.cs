using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// Bytes alive while each node runs, for any choice of codes: the executed order of the original, in which a packed
/// tensor lives until its last forward reader, its codes until the last backward reader, and a restored copy while a
/// backward reader runs.
/// </summary>
internal sealed class PeakModel
{
    private readonly IReadOnlyList<PlanItem> _items;
    private readonly long[] _fixed;
    private readonly List<Life>[] _lives;

    public PeakModel(TrainingGraph training, IReadOnlyList<PlanItem> items, Func<Value, long> bytesOf)
    {
        _items = items;
        var graph = training.Model.Graph;
        var step = ExecutionOrder.PositionsOf(graph);
        var planned = items.Select((item, index) => (item.Tensor.Value, index))
            .ToDictionary(pair => pair.Value, pair => pair.index);
        var change = new long[step.Count + 1];
        _lives = [.. items.Select(_ => new List<Life>())];
        var owners = graph.Values.Where(value => value.Producer is not null && step.ContainsKey(value.Producer!))
            .GroupBy(BufferViews.Owner).Where(group => group.Key.Producer is not null);
        foreach (var group in owners)
        {
            var (first, bytes) = (step[group.Key.Producer!], bytesOf(group.Key));
            var reads = group.SelectMany(
                value => value.Uses.Select(
                    use => (At: step[Reach.OwnerIn(graph, use.Node)!], Item: ItemOf(value, use)))).ToList();
            var always = reads.Where(read => read.Item < 0).Select(read => read.At).Append(first).Max();
            if (group.Any(value => value.IsGraphOutput)) always = step.Count - 1;
            change[first] += bytes;
            change[always + 1] -= bytes;
            foreach (var backward in reads.Where(read => read.Item >= 0).GroupBy(read => read.Item, read => read.At))
                _lives[backward.Key].Add(new Life(first, always, [.. backward], bytes));
        }
        int ItemOf(Value value, Use use) =>
            planned.TryGetValue(value, out var item)
                && items[item].Tensor.Consumers.Any(consumer => consumer.Use == use) ? item : -1;

        _fixed = new long[step.Count];
        long alive = 0;
        for (var index = 0; index < _fixed.Length; index++) _fixed[index] = alive += change[index];
    }

    /// <summary>Bytes alive at each node, with this choice of each item.</summary>
    public long[] Timeline(IReadOnlyList<int> chosen)
    {
        var bytes = (long[])_fixed.Clone();
        for (var item = 0; item < _items.Count; item++) Add(bytes, item, _items[item].Options[chosen[item]], 1);
        return bytes;
    }

    /// <summary>Adds, or with −1 takes away, what one item's way adds to each node's bytes.</summary>
    public void Add(long[] timeline, int item, PlanOption option, int sign)
    {
        foreach (var life in _lives[item])
        {
            for (var at = life.First; at <= life.Last; at++)
                timeline[at] += sign * life.BytesAt(at, option, _items[item].Bytes);
        }
    }

    /// <summary>What one item's way adds to the bytes at one node.</summary>
    public long BytesAt(int step, int item, PlanOption option) =>
        _lives[item].Sum(
            life => life.First <= step && step <= life.Last ? life.BytesAt(step, option, _items[item].Bytes) : 0);

    /// <summary>The part of a buffer's life that a plan decides on.</summary>
    /// <param name="First">Where it is made.</param>
    /// <param name="Always">Until here it is alive whatever the plan says.</param>
    /// <param name="Backward">The backward readers.</param>
    /// <param name="Bytes">Bytes of the buffer.</param>
    private sealed record Life(int First, int Always, HashSet<int> Backward, long Bytes)
    {
        public int Last { get; } = Backward.Max();

        public long BytesAt(int step, PlanOption option, long restored)
        {
            if (option.Decision == StorageDecision.Exact) return step > Always ? Bytes : 0;
            return option.Bytes + (step > Always && Backward.Contains(step) ? restored : 0);
        }
    }
}
