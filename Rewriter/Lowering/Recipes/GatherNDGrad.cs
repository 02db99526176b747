using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// Zeros of the shape in input 0, to which the updates are added where the indices say. Source: definition of GatherND.
/// </summary>
internal sealed class GatherNDGrad : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "GatherNDGrad");

    public long Opset => 16;

    public void Write(NodeWriter writer)
    {
        if (writer.Node.Attributes.GetInt("batch_dims", 0) != 0) throw NodeWriter.Fail("batch_dims is not 0");
        writer.Return(0, writer.Write(
            "ScatterND", [Zeros(writer.Input(0)), writer.Input(1), writer.Input(2)],
            attributes => attributes.Set("reduction", "add")));
    }
}
