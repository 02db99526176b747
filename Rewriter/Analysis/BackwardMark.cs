using System.Globalization;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>
/// What a backward node's doc string says: ONNX Runtime's marker, and where a lowered node comes from.
/// </summary>
/// <remarks>
/// A gradient operator that was replaced by standard ones reads each saved tensor through one Identity, whose doc
/// string names operator and input. So the need of a saved tensor stays that of the original operator, however its
/// formula is written, and the tensor is restored once per operator. ONNX Runtime removes the Identity when it opens
/// the graph.
/// </remarks>
internal static class BackwardMark
{
    private const string Marker = "Backward pass";
    private const string Separator = ": ";
    private const string Origin = "input ";
    private const string Of = " of ";

    private static readonly OperatorId Identity = OperatorId.Onnx("Identity");

    public static bool IsOn(Node node) =>
        node.DocString == Marker || node.DocString.StartsWith(Marker + Separator, StringComparison.Ordinal);

    /// <summary>The doc string of what replaces a node: marked where that is.</summary>
    public static string SameAs(Node node) => IsOn(node) ? Marker : "";

    /// <summary>The doc string of the Identity through which the replacement of a node reads an input.</summary>
    public static string ForInput(Node node, int input) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(IsOn(node) ? Marker + Separator : "")}{Origin}{input}{Of}{node.Operator}");

    /// <summary>The operator and input that an Identity stands for; null for all other nodes.</summary>
    public static (OperatorId Operator, int Input)? OriginOf(Node node)
    {
        if (node.Operator != Identity) return null;
        var text = node.DocString;
        if (text.StartsWith(Marker + Separator, StringComparison.Ordinal)) text = text[(Marker + Separator).Length..];
        if (!text.StartsWith(Origin, StringComparison.Ordinal)
            || text[Origin.Length..].Split(Of) is not [var digits, var name])
            return null;
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var input)) return null;
        var op = name.Split("::") is [var domain, var type] ? new OperatorId(domain, type) : OperatorId.Onnx(name);
        return (op, input);
    }

    /// <summary>
    /// The need that the operator table knows for the input an Identity stands for; null for all other nodes.
    /// </summary>
    public static Need? NeedOf(Node node) =>
        OriginOf(node) is { } origin ? OperatorTable.Find(origin.Operator)?.NeedOf(origin.Input) : null;
}
