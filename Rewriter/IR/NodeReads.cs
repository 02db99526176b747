using System.Collections;

namespace OnnxActNN.Rewriter.IR;

/// <summary>What a node reads, the outer values its subgraphs capture included.</summary>
/// <remarks>Every walk through a graph goes through here, so a <c>foreach</c> takes no memory.</remarks>
internal readonly struct NodeReads(Node node, Value?[] inputs) : IEnumerable<Value>
{
    public Enumerator GetEnumerator() => new(node, inputs);

    IEnumerator<Value> IEnumerable<Value>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public struct Enumerator(Node node, Value?[] inputs) : IEnumerator<Value>
    {
        private int _next;
        private IEnumerator<Value>? _captured;

        public Value Current { get; private set; } = null!;

        readonly object IEnumerator.Current => Current;

        public bool MoveNext()
        {
            while (_next < inputs.Length)
            {
                if (inputs[_next++] is not { } input) continue;
                Current = input;
                return true;
            }
            if (!node.MayHaveSubgraphs) return false;
            _captured ??= node.Subgraphs.SelectMany(CapturesOf).GetEnumerator();
            if (!_captured.MoveNext()) return false;
            Current = _captured.Current;
            return true;
        }

        public void Reset() => throw new NotSupportedException();

        public readonly void Dispose() => _captured?.Dispose();

        /// <summary>What the body's nodes read and the body itself does not make.</summary>
        private static IEnumerable<Value> CapturesOf(Graph body) => body.Nodes
            .SelectMany(inner => inner.Reads).Where(read => body.FindOwn(read.Name) != read);
    }
}
