using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// dX = r·(exp(log_prob) − onehot(label)), the labels' axis being 1, with r = w·dY per label: w is the label's weight,
/// 0 where the label is to be ignored; with reduction "mean" w is divided by the sum of all w.
/// Source: cross_entropy.cc (gradient) of ONNX Runtime 1.19.2; definition of SoftmaxCrossEntropyLoss.
/// </summary>
/// <remarks>The one-hot tensor is never made: −r is added in the labels' places.</remarks>
internal sealed class SoftmaxCrossEntropyLossGrad(string type) : IRecipe
{
    private const int Weight = 3;
    private const int IgnoreIndex = 4;
    private const int Bias = 5;

    public OperatorId Operator { get; } = new(OperatorId.Microsoft, type);

    public long Opset => 16;

    public void Write(NodeWriter writer)
    {
        var reduction = writer.Node.Attributes.GetText("reduction", "mean");
        var label = writer.TypeOf(2) == DataType.Int64
            ? writer.Input(2)
            : writer.CastTo(writer.Input(2), DataType.Int64);
        var valid = Ignored(writer) is { } ignored
            ? writer.Write("Not", [writer.Write("Equal", [label, writer.Integer(ignored)])])
            : (Term?)null;
        var safe = valid is { } mask ? Where(mask, label, writer.Integer(0)) : label;
        var rows = Unsqueeze(Expand(RowFactor(writer, reduction, safe, valid), writer.Write("Shape", [label])), 1);
        var gradient = ScatterAdd(Exp(writer.Input(1)) * rows, Unsqueeze(safe, 1), -rows, axis: 1);
        writer.Return(0, writer.Has(Bias) ? gradient + writer.Input(Bias) : gradient);
    }

    /// <summary>r, in a shape that expands to that of the labels.</summary>
    private static Term RowFactor(NodeWriter writer, string reduction, Term label, Term? valid)
    {
        var dY = writer.Input(0);
        if (Weights(writer, label, valid) is not { } weights)
            return reduction == "mean" ? dY / writer.CastTo(writer.Write("Size", [label]), writer.ElementType) : dY;
        return reduction == "mean" ? weights * (dY / writer.Write("ReduceSum", [weights], NoAxes)) : weights * dY;
    }

    private static void NoAxes(AttributeList attributes) => attributes.Set("keepdims", 0);

    /// <summary>w per label; null where all are 1.</summary>
    private static Term? Weights(NodeWriter writer, Term label, Term? valid)
    {
        Term? weights = writer.Has(Weight) ? writer.Write("Gather", [writer.Input(Weight), label]) : null;
        if (valid is not { } mask) return weights;
        return weights is { } given ? Where(mask, given, writer.Number(0)) : writer.CastTo(mask, writer.ElementType);
    }

    private static long? Ignored(NodeWriter writer)
    {
        if (writer.Node.Attributes.Find("ignore_index")?.Value is AttributeValue.Int attribute) return attribute.Value;
        if (!writer.Has(IgnoreIndex)) return null;
        return writer.NumbersOf(IgnoreIndex) is [var constant]
            ? constant
            : throw NodeWriter.Fail("ignore_index is no constant");
    }
}
