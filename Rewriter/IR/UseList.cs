using System.Collections;

namespace OnnxActNN.Rewriter.IR;

/// <summary>Who reads a value, as it stood when it was asked for.</summary>
/// <remarks>
/// As with <see cref="NodeReads"/>, a <c>foreach</c> takes no memory, and neither do the questions asked most.
/// </remarks>
internal readonly struct UseList(Use[] uses, int count) : IReadOnlyList<Use>
{
    public int Count => count;

    public Use this[int index] => index < count ? uses[index] : throw new ArgumentOutOfRangeException(nameof(index));

    public bool Any(Func<Use, bool> predicate)
    {
        foreach (var use in this)
        {
            if (predicate(use)) return true;
        }
        return false;
    }

    public bool All(Func<Use, bool> predicate)
    {
        foreach (var use in this)
        {
            if (!predicate(use)) return false;
        }
        return true;
    }

    public Enumerator GetEnumerator() => new(uses, count);

    IEnumerator<Use> IEnumerable<Use>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public struct Enumerator(Use[] uses, int count) : IEnumerator<Use>
    {
        private int _at = -1;

        public readonly Use Current => uses[_at];

        readonly object IEnumerator.Current => Current;

        public bool MoveNext() => ++_at < count;

        public void Reset() => _at = -1;

        public readonly void Dispose()
        {
        }
    }
}
