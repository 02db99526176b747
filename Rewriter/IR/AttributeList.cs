using System.Collections;

namespace OnnxActNN.Rewriter.IR;

/// <summary>The attributes of a node in file order, found by name.</summary>
internal sealed class AttributeList(Node owner) : IReadOnlyCollection<NodeAttribute>
{
    private readonly List<NodeAttribute> _attributes = [];

    public int Count => _attributes.Count;

    /// <summary>The graphs among the attributes.</summary>
    public IEnumerable<Graph> Graphs => owner.MayHaveSubgraphs ? _attributes.SelectMany(GraphsOf) : [];

    public NodeAttribute? Find(string name) => IndexOf(name) is >= 0 and var at ? _attributes[at] : null;

    /// <summary>Appends an attribute whose name no other one of the node has; the caller knows that.</summary>
    public void Add(NodeAttribute attribute)
    {
        _attributes.Add(attribute);
        NoteGraphs(attribute);
    }

    /// <summary>Adds the attribute, in the place of one of the same name if there is one.</summary>
    public void Set(NodeAttribute attribute)
    {
        var at = IndexOf(attribute.Name);
        if (at < 0)
        {
            Add(attribute);
            return;
        }
        _attributes[at] = attribute;
        NoteGraphs(attribute);
    }

    public void Set(string name, AttributeValue value) => Set(new NodeAttribute(name, value));

    public void Set(string name, long value) => Set(name, new AttributeValue.Int(value));

    public void Set(string name, string value) => Set(name, new AttributeValue.Bytes(value));

    /// <summary>Removes all attributes but those of the given names.</summary>
    public void KeepOnly(params IReadOnlyCollection<string> names)
    {
        for (var at = _attributes.Count - 1; at >= 0; at--)
        {
            if (!names.Contains(_attributes[at].Name)) _attributes.RemoveAt(at);
        }
    }

    public bool Remove(string name) => _attributes.RemoveAll(attribute => attribute.Name == name) > 0;

    public long GetInt(string name, long otherwise) =>
        Find(name)?.Value is AttributeValue.Int found ? found.Value : otherwise;

    public float GetFloat(string name, float otherwise) =>
        Find(name)?.Value is AttributeValue.Float found ? found.Value : otherwise;

    public string GetText(string name, string otherwise) =>
        Find(name)?.Value is AttributeValue.Bytes found ? found.Text : otherwise;

    public IReadOnlyList<long>? GetInts(string name) => (Find(name)?.Value as AttributeValue.Ints)?.Values;

    public IEnumerator<NodeAttribute> GetEnumerator() => _attributes.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int IndexOf(string name)
    {
        var at = _attributes.Count - 1;
        while (at >= 0 && _attributes[at].Name != name) at--;
        return at;
    }

    private void NoteGraphs(NodeAttribute attribute)
    {
        if (attribute.Value is not (AttributeValue.Subgraph or AttributeValue.Subgraphs)) return;
        owner.MayHaveSubgraphs = true;
        owner.Graph?.NoteEdit();
    }

    private static IEnumerable<Graph> GraphsOf(NodeAttribute attribute) => attribute.Value switch
    {
        AttributeValue.Subgraph single => [single.Value],
        AttributeValue.Subgraphs several => several.Values,
        _ => [],
    };
}
