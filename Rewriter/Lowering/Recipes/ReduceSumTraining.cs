using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>ReduceSum with the axes as an input; the standard operator has that form since opset 13.</summary>
internal sealed class ReduceSumTraining : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "ReduceSumTraining");

    public long Opset => 13;

    public void Write(NodeWriter writer) => writer.Return(0, writer.Write(
        "ReduceSum", [writer.Input(0), writer.Input(1)], attributes =>
        {
            foreach (var name in (string[])["keepdims", "noop_with_empty_axes"])
                if (writer.Node.Attributes.Find(name) is { } attribute) attributes.Set(name, attribute.Value);
        }));
}
