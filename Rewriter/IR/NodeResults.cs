using System.Collections;

namespace OnnxActNN.Rewriter.IR;

/// <summary>What a node writes: its outputs but those that are left out.</summary>
/// <remarks>As with <see cref="NodeReads"/>, a <c>foreach</c> takes no memory.</remarks>
internal readonly struct NodeResults(Value?[] outputs) : IEnumerable<Value>
{
    public Enumerator GetEnumerator() => new(outputs);

    IEnumerator<Value> IEnumerable<Value>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public struct Enumerator(Value?[] outputs) : IEnumerator<Value>
    {
        private int _next;

        public Value Current { get; private set; } = null!;

        readonly object IEnumerator.Current => Current;

        public bool MoveNext()
        {
            while (_next < outputs.Length)
            {
                if (outputs[_next++] is not { } output) continue;
                Current = output;
                return true;
            }
            return false;
        }

        public void Reset() => throw new NotSupportedException();

        public readonly void Dispose()
        {
        }
    }
}
