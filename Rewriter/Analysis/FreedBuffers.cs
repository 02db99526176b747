using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>
/// Follows the buffers of a graph in executed order, and tells of each new value whether it can take over one that
/// nobody needs any more and that nothing large was made after: so none is held for later.
/// </summary>
/// <param name="graph">The graph.</param>
/// <param name="typeOf">Types of the values that may share buffers; null for the others.</param>
internal sealed class FreedBuffers(Graph graph, Func<Value, TensorType?> typeOf)
{
    /// <summary>
    /// Tensors below it count as nothing: holding another while they are made costs no more than them.
    /// </summary>
    private const long FewElements = 1 << 14;

    private readonly GraphItemMap<Value, Value> _owners = new(graph.ValueNumbers);
    private readonly GraphItemMap<Value, int> _reads = new(graph.ValueNumbers);
    private readonly List<Value> _freed = [];

    /// <summary>Notes the next value that is made.</summary>
    /// <param name="value">The value; its node's other results are told of too, and then <see cref="Leave"/>.</param>
    /// <param name="source">What it is a view of or written over; null where it needs a buffer.</param>
    /// <returns>
    /// A dead value of equal type whose buffer it takes, the one that died last; null if there is none.
    /// </returns>
    public Value? Make(Value value, Value? source)
    {
        var owner = source is null ? value : _owners[value] = OwnerOf(source);
        _reads[owner] = _reads.GetValueOrDefault(owner) + value.Uses.Count + (value.IsGraphOutput ? 1 : 0);
        if (source is not null) return null;
        var type = typeOf(value);
        if (type is not null && Take(type) is { } taken) return taken;
        if (!IsSmall(type ?? value.Declared)) _freed.Clear();
        return null;
    }

    /// <summary>Notes that a node has run, all of whose results were made.</summary>
    public void Leave(Node node)
    {
        foreach (var value in node.Reads)
        {
            var owner = OwnerOf(value);
            var left = _reads.GetValueOrDefault(owner) - 1;
            _reads[owner] = left;
            if (left == 0) Free(owner);
        }
        foreach (var output in node.Results)
        {
            if (OwnerOf(output) == output && _reads[output] == 0) Free(output);
        }
    }

    private Value? Take(TensorType type)
    {
        for (var at = _freed.Count - 1; at >= 0; at--)
        {
            var dead = _freed[at];
            if (typeOf(dead) != type) continue;
            _freed.RemoveAt(at);
            return dead;
        }
        return null;
    }

    private void Free(Value owner)
    {
        if (typeOf(owner) is not null) _freed.Add(owner);
    }

    private Value OwnerOf(Value value) => _owners.GetValueOrDefault(value, value);

    private static bool IsSmall(TensorType? type) =>
        type?.Shape is { IsStatic: true } shape && shape.Elements.Value < FewElements;
}
