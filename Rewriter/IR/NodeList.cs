using System.Collections;

namespace OnnxActNN.Rewriter.IR;

/// <summary>The nodes of one graph, in file order.</summary>
/// <remarks>
/// A linked list that may change while it is read: a node inserted after the current one is visited, a node removed
/// before its turn is not, and removing the current node is allowed (what is then put into its place is not visited).
/// The walk follows a current node that moves, so a pass that moves nodes walks a copy. Which of two nodes stands first
/// is seen by their <see cref="Node.Place"/>. Every change takes constant time, amortized.
/// </remarks>
internal sealed class NodeList(Graph owner) : IEnumerable<Node>
{
    /// <summary>Between places of neighbours at first: 32 nodes can come between before all get new places.</summary>
    private const long Room = 1L << 32;

    public Node? First { get; private set; }

    public Node? Last { get; private set; }

    public int Count { get; private set; }

    public void Add(Node node) => Link(node, Last, null);

    public void InsertAfter(Node place, Node node) => Link(node, Owned(place), place.Next);

    public void InsertBefore(Node place, Node node) => Link(node, Owned(place).Previous, place);

    /// <summary>
    /// Takes the node out of the graph and out of the use lists. Its outputs must have no readers left.
    /// </summary>
    public void Remove(Node node)
    {
        Owned(node);
        foreach (var output in node.Outputs)
        {
            if (output is { Uses: [var use, ..] })
                throw new InvalidOperationException(
                    $"{node} cannot go: {use} still reads '{output}'. Rewire its readers first.");
        }
        for (var index = 0; index < node.Inputs.Count; index++) node.SetInput(index, null);
        Unlink(node);
        node.Graph = null;
        Count--;
    }

    /// <summary>Moves a node to just before <paramref name="place"/>.</summary>
    public void MoveBefore(Node place, Node node)
    {
        if (Owned(place) == Owned(node)) return;
        Unlink(node);
        node.Graph = null;
        Count--;
        Link(node, place.Previous, place);
    }

    /// <summary>Moves a node behind all others.</summary>
    public void MoveToEnd(Node node)
    {
        Unlink(Owned(node));
        node.Graph = null;
        Count--;
        Link(node, Last, null);
    }

    /// <summary>All of them as they stand now.</summary>
    public Node[] ToArray()
    {
        var nodes = new Node[Count];
        var at = 0;
        for (var node = First; node is not null; node = node.Next) nodes[at++] = node;
        return nodes;
    }

    public Enumerator GetEnumerator() => new(this);

    IEnumerator<Node> IEnumerable<Node>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>
    /// The node after this one; a removed node still knows where it stood, so the walk goes on from there.
    /// </summary>
    private Node? NextAlive(Node node)
    {
        var next = node.Next;
        while (next is not null && next.Graph != owner) next = next.Next;
        return next;
    }

    private void Link(Node node, Node? previous, Node? next)
    {
        if (node.Graph is not null) throw new InvalidOperationException($"{node} is already in a graph.");
        node.Graph = owner;
        if (node.Number < 0) node.Number = owner.NextNode();
        node.Previous = previous;
        node.Next = next;
        if (previous is null) First = node;
        else previous.Next = node;
        if (next is null) Last = node;
        else next.Previous = node;
        SetPlace(node);
        Count++;
        owner.NoteEdit();
    }

    /// <summary>Puts a node between its neighbours; where no room is left, makes room everywhere.</summary>
    private void SetPlace(Node node)
    {
        var before = node.Previous?.Place ?? 0;
        node.Place = node.Next is { } next ? before + (next.Place - before) / 2 : before + Room;
        if (node.Place != before) return;
        long place = 0;
        for (var at = First; at is not null; at = at.Next) at.Place = place += Room;
    }

    private void Unlink(Node node)
    {
        if (node.Previous is null) First = node.Next;
        else node.Previous.Next = node.Next;
        if (node.Next is null) Last = node.Previous;
        else node.Next.Previous = node.Previous;
        owner.NoteEdit();
    }

    private Node Owned(Node node) =>
        node.Graph == owner ? node : throw new InvalidOperationException($"{node} is not in this graph.");

    public struct Enumerator(NodeList nodes) : IEnumerator<Node>
    {
        private Node? _current;

        public readonly Node Current => _current!;

        readonly object IEnumerator.Current => Current;

        public bool MoveNext() => (_current = _current is null ? nodes.First : nodes.NextAlive(_current)) is not null;

        public void Reset() => _current = null;

        public readonly void Dispose()
        {
        }
    }
}
