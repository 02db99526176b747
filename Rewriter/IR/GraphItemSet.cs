namespace OnnxActNN.Rewriter.IR;

/// <summary>A set of nodes, or of values, of one nest of graphs: a bit for each.</summary>
internal sealed class GraphItemSet<T>
    where T : GraphItem
{
    private ulong[] _bits = [];

    public GraphItemSet()
    {
    }

    public GraphItemSet(IEnumerable<T> items) => UnionWith(items);

    public int Count { get; private set; }

    public bool Contains(T item) =>
        (uint)WordOf(item) < (uint)_bits.Length && (_bits[WordOf(item)] & BitOf(item)) != 0;

    /// <summary>Adds the item; tells whether it was missing.</summary>
    /// <exception cref="InvalidOperationException">It has no number, because it was in no graph yet.</exception>
    public bool Add(T item)
    {
        if (Contains(item)) return false;
        if (item.Number < 0) throw new InvalidOperationException($"{item} is in no graph, so it has no number.");
        var at = WordOf(item);
        if (at >= _bits.Length) Array.Resize(ref _bits, Math.Max(at + 1, 2 * _bits.Length));
        _bits[at] |= BitOf(item);
        Count++;
        return true;
    }

    public void UnionWith(IEnumerable<T> items)
    {
        foreach (var item in items) Add(item);
    }

    /// <summary>Below 0 for an item without a number.</summary>
    private static int WordOf(T item) => item.Number >> 6;

    private static ulong BitOf(T item) => 1UL << item.Number;
}
