using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// Split with the lengths of the parts as an input; the standard operator has that form since opset 13.
/// </summary>
internal sealed class SplitTraining : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "SplitTraining");

    public long Opset => 13;

    public void Write(NodeWriter writer)
    {
        var axis = writer.Node.Attributes.GetInt("axis", 0);
        var parts = writer.WriteMany(
            "Split", [writer.Input(0), writer.Input(1)], writer.Node.Outputs.Count,
            attributes => attributes.Set("axis", axis));
        for (var part = 0; part < parts.Length; part++) writer.Return(part, parts[part]);
    }
}
