using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// The standard SoftmaxCrossEntropyLoss; the internal form differs in taking ignore_index as an input.
/// </summary>
internal sealed class SoftmaxCrossEntropyLossInternal : IRecipe
{
    private const int IgnoreIndex = 3;

    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "SoftmaxCrossEntropyLossInternal");

    public long Opset => 13;

    public void Write(NodeWriter writer)
    {
        var ignored = writer.Has(IgnoreIndex)
            ? writer.NumbersOf(IgnoreIndex)?.Single() ?? throw NodeWriter.Fail("ignore_index is no constant")
            : (long?)null;
        if (writer.Node.Attributes.Find("output_type") is not null) throw NodeWriter.Fail("output_type is set");
        var results = writer.WriteMany(
            "SoftmaxCrossEntropyLoss", [writer.Input(0), writer.Input(1), writer.Has(2) ? writer.Input(2) : null], 2,
            attributes =>
            {
                attributes.Set("reduction", writer.Node.Attributes.GetText("reduction", "mean"));
                if (ignored is { } index) attributes.Set("ignore_index", index);
            });
        writer.Return(0, results[0]);
        writer.Return(1, results[1]);
    }
}
