using FluentAssertions;
using OnnxActNN.Rewriter.IR;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.IR;

public sealed class DimensionParserTests
{
    [Theory]
    [InlineData("8", "8")]
    [InlineData("-3", "-3")]
    [InlineData("batch", "batch")]
    [InlineData("onnx::Shape_5", "onnx::Shape_5")]
    [InlineData("64*batch", "64*batch")]
    [InlineData("batch * 64", "64*batch")]
    [InlineData("a + b - a", "b")]
    [InlineData("2*(a + 3)", "2*a + 6")]
    [InlineData("(a + 1)*(a - 1)", "a*a - 1")]
    [InlineData("floor(width/7)", "floor(width/7)")]
    [InlineData("floor(height/2 - 1/2) + 1", "floor(height/2 - 1/2) + 1")]
    [InlineData("floor((h + 1)/2)", "floor((h + 1)/2)")]
    [InlineData("floor(a/(2*b))", "floor(a/(2*b))")]
    [InlineData("Max(1, a + 2)", "Max(1, a + 2)")]
    [InlineData("Min(b, a)", "Min(a, b)")]
    [InlineData("-a", "-a")]
    public void Expressions_are_understood(string text, string expected) =>
        DimensionParser.Parse(text).ToString().Should().Be(expected);

    [Theory]
    [InlineData("")]
    [InlineData("batch size")]
    [InlineData("2x")]
    [InlineData("a*")]
    [InlineData("(a")]
    [InlineData("a)")]
    [InlineData("a//2")]
    [InlineData("a**2")]
    [InlineData("ceiling(a/2)")]
    [InlineData("99999999999999999999")]
    [InlineData("?")]
    public void Other_text_is_one_name(string text)
    {
        var dimension = DimensionParser.Parse(text);

        dimension.Names().Should().Equal(text);
        dimension.Evaluate(new Dictionary<string, long> { [text] = 5 }).Should().Be(5);
    }

    [Theory]
    [InlineData("(", 5_000)]
    [InlineData("-", 5_000)]
    [InlineData("floor(a/", 100)]
    [InlineData("(a+b)*(c+d)*(e+f)*", 50)]
    [InlineData("(a+b+c+d+e+f+g+h)*", 50)]
    [InlineData("a+", 100_000)]
    public void Text_made_to_exhaust_the_parser_is_one_name(string part, int repetitions)
    {
        var text = string.Concat(Enumerable.Repeat(part, repetitions)) + "1";

        DimensionParser.Parse(text).Names().Should().Equal(text);
    }
}
