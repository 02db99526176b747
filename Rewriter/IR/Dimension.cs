using System.Globalization;
using System.Text;

namespace OnnxActNN.Rewriter.IR;

/// <summary>
/// One dimension of a shape: an integer polynomial over named sizes, with floor division, minimum and maximum as further
/// atoms. <c>8</c>, <c>batch</c>, <c>batch*sequence</c>, <c>floor(height/2) + 1</c>.
/// </summary>
/// <remarks>
/// Immutable and kept in a canonical form, so two dimensions are equal exactly when their texts are. Coefficients are
/// computed modulo 2^64 (a file can name any number); sizes are checked where bytes are counted.
/// </remarks>
internal sealed class Dimension : IEquatable<Dimension>
{
    private readonly Term[] _terms;
    private readonly string _text;

    private Dimension(Term[] terms)
    {
        _terms = terms;
        _text = Render(terms);
    }

    public static Dimension Zero { get; } = new([]);

    public static Dimension One { get; } = Of(1);

    /// <summary>The number this dimension is, or null when names take part.</summary>
    public long? Value => _terms switch
    {
        [] => 0,
        [{ Atoms: [] } constant] => constant.Coefficient,
        _ => null,
    };

    public bool IsKnown => Value is not null;

    /// <summary>Whether the text needs parentheses inside a product.</summary>
    public bool IsSum => _terms.Length > 1;

    public static Dimension Of(long value) => value == 0 ? Zero : new([new Term(value, [])]);

    public static Dimension Named(string name) => OfAtom(new Symbol(name));

    public static Dimension operator +(Dimension left, Dimension right) => Collect(left._terms.Concat(right._terms));

    public static Dimension operator -(Dimension left, Dimension right) => left + Of(-1) * right;

    public static Dimension operator *(Dimension left, Dimension right) => Collect(
        from a in left._terms
        from b in right._terms
        select new Term(a.Coefficient * b.Coefficient, Merge(a.Atoms, b.Atoms)));

    /// <summary>⌊left / right⌋; exact quotients of products are simplified (<c>batch*12 / 12 = batch</c>).</summary>
    public static Dimension FloorDivide(Dimension left, Dimension right)
    {
        if (left.Value is { } n && right.Value is { } d && d != 0 && !(n == long.MinValue && d == -1))
            return Of((long)Math.Floor((decimal)n / d));
        return left.TryDivide(right) ?? OfAtom(new Quotient(left, right));
    }

    public static Dimension Min(Dimension left, Dimension right) => Extreme(left, right, isMin: true);

    public static Dimension Max(Dimension left, Dimension right) => Extreme(left, right, isMin: false);

    /// <summary>The exact quotient, or null where the division leaves a remainder or cannot be decided.</summary>
    public Dimension? TryDivide(Dimension divisor)
    {
        if (Equals(divisor)) return One;
        if (divisor._terms is not [var single] || single.Coefficient is 0 or -1) return null;
        var quotient = new List<Term>(_terms.Length);
        foreach (var term in _terms)
        {
            if (term.Coefficient % single.Coefficient != 0 || Without(term.Atoms, single.Atoms) is not { } rest) return null;
            quotient.Add(new Term(term.Coefficient / single.Coefficient, rest));
        }
        return Collect(quotient);
    }

    /// <summary>The number under <paramref name="bindings"/>, or null when a name has none or the arithmetic overflows.</summary>
    public long? Evaluate(IReadOnlyDictionary<string, long> bindings)
    {
        try
        {
            long sum = 0;
            foreach (var term in _terms)
            {
                var product = term.Coefficient;
                foreach (var atom in term.Atoms)
                {
                    if (atom.Evaluate(bindings) is not { } value) return null;
                    product = checked(product * value);
                }
                sum = checked(sum + product);
            }
            return sum;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>The names that take part.</summary>
    public IEnumerable<string> Names() => _terms.SelectMany(term => term.Atoms).SelectMany(atom => atom.Names()).Distinct();

    public bool Equals(Dimension? other) => other is not null && _text == other._text;

    public override bool Equals(object? obj) => Equals(obj as Dimension);

    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => _text;

    private static Dimension OfAtom(Atom atom) => new([new Term(1, [atom])]);

    private static Dimension Extreme(Dimension left, Dimension right, bool isMin)
    {
        if (left.Equals(right)) return left;
        if (left.Value is { } a && right.Value is { } b) return Of(isMin ? Math.Min(a, b) : Math.Max(a, b));
        return string.CompareOrdinal(left._text, right._text) <= 0
            ? OfAtom(new Extremum(left, right, isMin))
            : OfAtom(new Extremum(right, left, isMin));
    }

    private static Dimension Collect(IEnumerable<Term> terms)
    {
        var sums = new SortedDictionary<string, Term>(TermOrder.Instance);
        foreach (var term in terms)
        {
            var key = string.Join('*', term.Atoms.Select(atom => atom.Text));
            sums[key] = sums.TryGetValue(key, out var seen) ? seen with { Coefficient = seen.Coefficient + term.Coefficient } : term;
        }
        return new([.. sums.Values.Where(term => term.Coefficient != 0)]);
    }

    private static Atom[] Merge(Atom[] left, Atom[] right) =>
        [.. left.Concat(right).OrderBy(atom => atom.Text, StringComparer.Ordinal)];

    private static Atom[]? Without(Atom[] atoms, Atom[] removed)
    {
        var rest = atoms.ToList();
        foreach (var atom in removed)
        {
            var at = rest.FindIndex(candidate => candidate.Text == atom.Text);
            if (at < 0) return null;
            rest.RemoveAt(at);
        }
        return [.. rest];
    }

    private static string Render(Term[] terms)
    {
        if (terms.Length == 0) return "0";
        var text = new StringBuilder();
        foreach (var (coefficient, atoms) in terms)
        {
            if (text.Length > 0) text.Append(coefficient < 0 ? " - " : " + ");
            else if (coefficient < 0) text.Append('-');
            var magnitude = coefficient == long.MinValue ? 1UL << 63 : (ulong)Math.Abs(coefficient);
            if (magnitude != 1 || atoms.Length == 0)
                text.Append(magnitude.ToString(CultureInfo.InvariantCulture)).Append(atoms.Length > 0 ? "*" : "");
            text.AppendJoin('*', atoms.Select(atom => atom.Text));
        }
        return text.ToString();
    }

    private sealed record Term(long Coefficient, Atom[] Atoms);

    /// <summary>Products of names first, the constant last.</summary>
    private sealed class TermOrder : IComparer<string>
    {
        public static TermOrder Instance { get; } = new();

        public int Compare(string? x, string? y) => (x, y) switch
        {
            ("", "") => 0,
            ("", _) => 1,
            (_, "") => -1,
            _ => string.CompareOrdinal(x, y),
        };
    }

    private abstract class Atom(string text)
    {
        public string Text { get; } = text;

        public abstract long? Evaluate(IReadOnlyDictionary<string, long> bindings);

        public abstract IEnumerable<string> Names();
    }

    private sealed class Symbol(string name) : Atom(name)
    {
        public override long? Evaluate(IReadOnlyDictionary<string, long> bindings) =>
            bindings.TryGetValue(Text, out var value) ? value : null;

        public override IEnumerable<string> Names() => [Text];
    }

    private sealed class Quotient(Dimension numerator, Dimension denominator)
        : Atom($"floor({Wrap(numerator)}/{Wrap(denominator)})")
    {
        public override long? Evaluate(IReadOnlyDictionary<string, long> bindings) =>
            numerator.Evaluate(bindings) is { } n && denominator.Evaluate(bindings) is { } d && d != 0
                ? (long)Math.Floor((decimal)n / d)
                : null;

        public override IEnumerable<string> Names() => numerator.Names().Concat(denominator.Names());

        private static string Wrap(Dimension part) => part.IsSum ? $"({part})" : part.ToString();
    }

    private sealed class Extremum(Dimension left, Dimension right, bool isMin)
        : Atom($"{(isMin ? "Min" : "Max")}({left}, {right})")
    {
        public override long? Evaluate(IReadOnlyDictionary<string, long> bindings) =>
            left.Evaluate(bindings) is { } a && right.Evaluate(bindings) is { } b
                ? isMin ? Math.Min(a, b) : Math.Max(a, b)
                : null;

        public override IEnumerable<string> Names() => left.Names().Concat(right.Names());
    }
}
