using System.Diagnostics.CodeAnalysis;

namespace OnnxActNN.Rewriter.IR;

/// <summary>Something for some nodes, or some values, of one nest of graphs: an array with a place for each.</summary>
/// <param name="capacity">As many places at first; more come when they are needed.</param>
internal sealed class GraphItemMap<TItem, T>(int capacity = 0)
    where TItem : GraphItem
{
    private readonly GraphItemSet<TItem> _items = new();
    private T[] _entries = new T[capacity];

    public int Count => _items.Count;

    /// <exception cref="KeyNotFoundException">Nothing was set for the item.</exception>
    public T this[TItem item]
    {
        get => TryGetValue(item, out var entry)
            ? entry
            : throw new KeyNotFoundException($"Nothing is known of '{item}'.");
        set
        {
            _items.Add(item);
            if (item.Number >= _entries.Length)
                Array.Resize(ref _entries, Math.Max(item.Number + 1, 2 * _entries.Length));
            _entries[item.Number] = value;
        }
    }

    public bool ContainsKey(TItem item) => _items.Contains(item);

    public bool TryGetValue(TItem item, [MaybeNullWhen(false)] out T entry)
    {
        var isKnown = _items.Contains(item);
        entry = isKnown ? _entries[item.Number] : default;
        return isKnown;
    }

    public T? GetValueOrDefault(TItem item) =>
        (uint)item.Number < (uint)_entries.Length ? _entries[item.Number] : default;

    public T GetValueOrDefault(TItem item, T otherwise) => TryGetValue(item, out var entry) ? entry : otherwise;
}
