using System.Globalization;
using System.Text;

namespace OnnxActNN.Rewriter.IR;

/// <summary>
/// One dimension of a shape: an integer polynomial over named sizes, with floor division, minimum and maximum as
/// further atoms. <c>8</c>, <c>batch</c>, <c>batch*sequence</c>, <c>floor(height/2) + 1</c>.
/// </summary>
/// <remarks>
/// Immutable and kept in a canonical form, so two dimensions are equal exactly when their texts are. Coefficients are
/// computed modulo 2^64 (a file can name any number); sizes are checked where bytes are counted. Real graphs have a
/// handful of terms; a file made to let them multiply without end is stopped by <see cref="DimensionLimitException"/>.
/// </remarks>
internal sealed class Dimension : IEquatable<Dimension>
{
    private const int MostTerms = 256;
    private const int MostAtoms = 64;
    private const int LongestText = 8192;

    /// <summary>Null of a name alone, as most symbolic sizes are, until somebody computes with it.</summary>
    private Term[]? _terms;
    private string? _text;

    private Dimension(Term[] terms) => _terms = terms;

    private Dimension(string name) => _text = name;

    // Most sizes in real graphs are small numbers: these exist once.
    private static readonly Dimension[] Small =
        [new([]), .. Enumerable.Range(1, 4096).Select(value => new Dimension([new Term(value, [])]))];

    public static Dimension Zero => Small[0];

    public static Dimension One => Small[1];

    /// <summary>The number this dimension is, or null when names take part.</summary>
    public long? Value => _terms switch
    {
        null => null,
        [] => 0,
        [{ Atoms: [] } constant] => constant.Coefficient,
        _ => null,
    };

    public bool IsKnown => Value is not null;

    /// <summary>Whether this is one name and nothing else.</summary>
    public bool IsName => _terms is null or [{ Coefficient: 1, Atoms: [Symbol] }];

    /// <summary>Whether no sizes that the names can stand for make this negative.</summary>
    public bool IsNonNegative =>
        Array.TrueForAll(
            Terms, term => term.Coefficient >= 0 && Array.TrueForAll(term.Atoms, atom => atom.IsNonNegative));

    /// <summary>Whether the text needs parentheses inside a product.</summary>
    public bool IsSum => _terms is { Length: > 1 };

    private Term[] Terms => _terms ??= [new Term(1, [new Symbol(Text)])];

    private string Text => _text ??= Render(Terms);

    private bool IsSingleFactor =>
        Terms is [] or [{ Coefficient: >= 0, Atoms: [] }] or [{ Coefficient: 1, Atoms: [_] }];

    public static Dimension Of(long value) =>
        value >= 0 && value < Small.Length ? Small[value] : new([new Term(value, [])]);

    public static Dimension Named(string name) => new(name);

    public static Dimension operator +(Dimension left, Dimension right)
    {
        if (left.Value is { } a && right.Value is { } b) return Of(a + b);
        if (left.Terms.Length == 0) return right;
        return right.Terms.Length == 0 ? left : Collect(left.Terms.Concat(right.Terms));
    }

    public static Dimension operator -(Dimension left, Dimension right) =>
        left.Value is { } a && right.Value is { } b ? Of(a - b) : left + Of(-1) * right;

    public static Dimension operator *(Dimension left, Dimension right)
    {
        if (left.Value is { } x && right.Value is { } y) return Of(x * y);
        if (left.Value is { } factor) return right.Scaled(factor);
        if (right.Value is { } otherFactor) return left.Scaled(otherFactor);
        if (left.Terms is [var a] && right.Terms is [var b])
            return Limited(new([new Term(a.Coefficient * b.Coefficient, Merge(a.Atoms, b.Atoms))]));
        if (left.Terms.Length * right.Terms.Length > 16 * MostTerms) throw new DimensionLimitException(left.Text);
        return Collect(Products(left.Terms, right.Terms));
    }

    /// <summary>⌊left / right⌋; exact quotients of products are simplified (<c>batch*12 / 12 = batch</c>).</summary>
    public static Dimension FloorDivide(Dimension left, Dimension right)
    {
        if (left.Value is { } n && right.Value is { } d && d != 0 && !(n == long.MinValue && d == -1))
            return Of((long)Math.Floor((decimal)n / d));
        return (right.Value == 0 ? null : left.TryDivide(right)) ?? OfAtom(new Quotient(left, right));
    }

    public static Dimension Min(Dimension left, Dimension right) => Extreme(left, right, isMin: true);

    public static Dimension Max(Dimension left, Dimension right) => Extreme(left, right, isMin: false);

    /// <summary>
    /// The exact quotient, for every value of the names that leaves the divisor nonzero, or null where the division
    /// leaves a remainder or cannot be decided.
    /// </summary>
    public Dimension? TryDivide(Dimension divisor)
    {
        if (divisor.Terms.Length == 0) return null;
        if (Equals(divisor)) return One;
        if (divisor.Terms is not [var single]) return null;
        if (single.Coefficient == -1) return (Zero - this).TryDivide(Zero - divisor);
        if (single is { Atoms: [], Coefficient: 1 }) return this;
        var quotient = new List<Term>(Terms.Length);
        foreach (var term in Terms)
        {
            if (term.Coefficient % single.Coefficient != 0 || Without(term.Atoms, single.Atoms) is not { } rest)
                return null;
            quotient.Add(new Term(term.Coefficient / single.Coefficient, rest));
        }
        return Collect(quotient);
    }

    /// <summary>
    /// The number under <paramref name="bindings"/>, or null when a name has none or the arithmetic overflows.
    /// </summary>
    /// <param name="bindings">Sizes of names.</param>
    /// <param name="otherwise">The size of every other name; null where that is not known.</param>
    public long? Evaluate(IReadOnlyDictionary<string, long> bindings, long? otherwise = null)
    {
        if (Value is { } known) return known;
        try
        {
            long sum = 0;
            foreach (var term in Terms)
            {
                var product = term.Coefficient;
                foreach (var atom in term.Atoms)
                {
                    if (atom.Evaluate(bindings, otherwise) is not { } value) return null;
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
    public IEnumerable<string> Names() => IsKnown
        ? []
        : Terms.SelectMany(term => term.Atoms).SelectMany(atom => atom.Names()).Distinct();

    public bool Equals(Dimension? other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (other is null) return false;
        return Value is { } value ? value == other.Value : !other.IsKnown && Text == other.Text;
    }

    public override bool Equals(object? obj) => Equals(obj as Dimension);

    public override int GetHashCode() => Value?.GetHashCode() ?? Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;

    private static Dimension OfAtom(Atom atom) => Limited(new([new Term(1, [atom])]));

    private static Dimension Limited(Dimension computed) =>
        computed.Text.Length <= LongestText ? computed : throw new DimensionLimitException(computed.Text);

    private Dimension Scaled(long factor)
    {
        if (factor == 1) return this;
        var terms = Array.ConvertAll(Terms, term => term with { Coefficient = term.Coefficient * factor });
        return new(
            Array.TrueForAll(terms, term => term.Coefficient != 0)
            ? terms
            : Array.FindAll(terms, term => term.Coefficient != 0));
    }

    private static Dimension Extreme(Dimension left, Dimension right, bool isMin)
    {
        if (left.Equals(right)) return left;
        if (left.Value is { } a && right.Value is { } b) return Of(isMin ? Math.Min(a, b) : Math.Max(a, b));
        return string.CompareOrdinal(left.Text, right.Text) <= 0
            ? OfAtom(new Extremum(left, right, isMin))
            : OfAtom(new Extremum(right, left, isMin));
    }

    private static IEnumerable<Term> Products(Term[] left, Term[] right) =>
        from first in left
        from second in right
        select new Term(first.Coefficient * second.Coefficient, Merge(first.Atoms, second.Atoms));

    private static Dimension Collect(IEnumerable<Term> terms)
    {
        var sums = new SortedDictionary<string, Term>(TermOrder.Instance);
        foreach (var term in terms)
        {
            var key = string.Join('*', term.Atoms.Select(atom => atom.Text));
            sums[key] = sums.TryGetValue(key, out var seen)
                ? seen with { Coefficient = seen.Coefficient + term.Coefficient }
                : term;
        }
        if (sums.Count > MostTerms) throw new DimensionLimitException(sums.Keys.First());
        return Limited(new([.. sums.Values.Where(term => term.Coefficient != 0)]));
    }

    private static Atom[] Merge(Atom[] left, Atom[] right)
    {
        if (left.Length + right.Length > MostAtoms) throw new DimensionLimitException(left[0].Text);
        return [.. left.Concat(right).OrderBy(atom => atom.Text, StringComparer.Ordinal)];
    }

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

        public abstract bool IsNonNegative { get; }

        public abstract long? Evaluate(IReadOnlyDictionary<string, long> bindings, long? otherwise);

        public abstract IEnumerable<string> Names();
    }

    private sealed class Symbol(string name) : Atom(name)
    {
        public override bool IsNonNegative => true;

        public override long? Evaluate(IReadOnlyDictionary<string, long> bindings, long? otherwise) =>
            bindings.TryGetValue(Text, out var value) ? value : otherwise;

        public override IEnumerable<string> Names() => [Text];
    }

    private sealed class Quotient(Dimension numerator, Dimension denominator)
        : Atom($"floor({(numerator.IsSum ? $"({numerator})" : numerator)}/{Wrap(denominator)})")
    {
        public override bool IsNonNegative { get; } = numerator.IsNonNegative && denominator.IsNonNegative;

        public override long? Evaluate(IReadOnlyDictionary<string, long> bindings, long? otherwise) =>
            numerator.Evaluate(bindings, otherwise) is { } n && denominator.Evaluate(bindings, otherwise) is { } d
                && d != 0
                ? (long)Math.Floor((decimal)n / d)
                : null;

        public override IEnumerable<string> Names() => numerator.Names().Concat(denominator.Names());

        private static string Wrap(Dimension part) => part.IsSingleFactor ? part.ToString() : $"({part})";
    }

    private sealed class Extremum(Dimension left, Dimension right, bool isMin)
        : Atom($"{(isMin ? "Min" : "Max")}({left}, {right})")
    {
        public override bool IsNonNegative { get; } =
            isMin ? left.IsNonNegative && right.IsNonNegative : left.IsNonNegative || right.IsNonNegative;

        public override long? Evaluate(IReadOnlyDictionary<string, long> bindings, long? otherwise) =>
            left.Evaluate(bindings, otherwise) is { } a && right.Evaluate(bindings, otherwise) is { } b
                ? isMin ? Math.Min(a, b) : Math.Max(a, b)
                : null;

        public override IEnumerable<string> Names() => left.Names().Concat(right.Names());
    }
}
