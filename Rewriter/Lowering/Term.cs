using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>
/// A value in a recipe's formula. Arithmetic on terms writes the nodes that compute it; shapes broadcast as in ONNX.
/// </summary>
internal readonly record struct Term(Value Value, NodeWriter Writer)
{
    public static Term operator +(Term left, Term right) => left.Writer.Write("Add", [left, right]);

    public static Term operator +(Term left, double right) => left + left.Writer.Number(right);

    public static Term operator +(double left, Term right) => right.Writer.Number(left) + right;

    public static Term operator -(Term left, Term right) => left.Writer.Write("Sub", [left, right]);

    public static Term operator -(Term left, double right) => left - left.Writer.Number(right);

    public static Term operator -(double left, Term right) => right.Writer.Number(left) - right;

    public static Term operator -(Term operand) => operand.Writer.Write("Neg", [operand]);

    public static Term operator *(Term left, Term right) => left.Writer.Write("Mul", [left, right]);

    public static Term operator *(double left, Term right) => right.Writer.Number(left) * right;

    public static Term operator /(Term left, Term right) => left.Writer.Write("Div", [left, right]);

    public static Term operator /(double left, Term right) => right.Writer.Number(left) / right;
}
