using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// dA = dY/B and dB = −dY·A/B², each summed over the axes it was broadcast along. Source: quotient rule.
/// </summary>
internal sealed class DivGrad : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "DivGrad");

    public long Opset => 13;

    public void Write(NodeWriter writer)
    {
        var quotient = writer.Input(0) / writer.Input(2);
        if (writer.IsWanted(0)) writer.Return(0, BroadcastSum.To(quotient, writer, input: 1));
        if (writer.IsWanted(1))
            writer.Return(1, BroadcastSum.To(-(quotient * (writer.Input(1) / writer.Input(2))), writer, input: 2));
    }
}
