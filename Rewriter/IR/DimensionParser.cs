using System.Globalization;

namespace OnnxActNN.Rewriter.IR;

/// <summary>
/// Reads a dimension name of an ONNX file. Tools write expressions there (<c>64*batch</c>, <c>sequence - 1</c>,
/// <c>floor(width/7)</c>); text that is no such expression, or a very long one, is one opaque name.
/// </summary>
internal sealed class DimensionParser
{
    private const int DeepestNesting = 64;
    private const int LongestExpression = 1024;
    private readonly string _text;
    private int _at;
    private int _depth;

    private DimensionParser(string text) => _text = text;

    public static Dimension Parse(string text)
    {
        if (text.Length > LongestExpression || IsPlainName(text)) return Dimension.Named(text);
        try
        {
            var parser = new DimensionParser(text);
            var parsed = parser.Sum();
            parser.SkipSpace();
            return parsed is not null && parser._at == text.Length ? parsed : Dimension.Named(text);
        }
        catch (DimensionLimitException)
        {
            return Dimension.Named(text);
        }
    }

    /// <summary>What nearly every name is.</summary>
    private static bool IsPlainName(string text) =>
        text.Length > 0 && char.IsAsciiLetter(text[0])
            && text.All(character => char.IsAsciiLetterOrDigit(character) || character == '_');

    private Dimension? Sum()
    {
        if (++_depth > DeepestNesting) return null;
        var negative = Accept('-');
        var sum = Product();
        if (negative && sum is not null) sum = Dimension.Zero - sum;
        while (sum is not null)
        {
            if (Accept('+')) sum = Product() is { } right ? sum + right : null;
            else if (Accept('-')) sum = Product() is { } right ? sum - right : null;
            else break;
        }
        _depth--;
        return sum;
    }

    private Dimension? Product()
    {
        var product = Factor();
        while (product is not null && Accept('*'))
            product = Factor() is { } right ? product * right : null;
        return product;
    }

    private Dimension? Factor()
    {
        if (Accept('('))
            return Sum() is { } inner && Accept(')') ? inner : null;
        var word = Word();
        if (word.Length == 0) return null;
        if (char.IsAsciiDigit(word[0]))
            return long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                ? Dimension.Of(value)
                : null;
        return Accept('(') ? Function(word) : Dimension.Named(word);
    }

    private Dimension? Function(string name)
    {
        if (Sum() is not { } first) return null;
        var isQuotient = name == "floor";
        if (!Accept(isQuotient ? '/' : ',')) return null;
        if ((isQuotient ? Factor() : Sum()) is not { } second || !Accept(')')) return null;
        return name switch
        {
            "floor" => Dimension.FloorDivide(first, second),
            "Min" => Dimension.Min(first, second),
            "Max" => Dimension.Max(first, second),
            _ => null,
        };
    }

    private string Word()
    {
        SkipSpace();
        var start = _at;
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] is '_' or '.' or ':')) _at++;
        return _text[start.._at];
    }

    private bool Accept(char expected)
    {
        SkipSpace();
        if (_at >= _text.Length || _text[_at] != expected) return false;
        _at++;
        return true;
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && _text[_at] == ' ') _at++;
    }
}
