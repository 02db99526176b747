using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// Zeros of the shape in input 1, to which dY is added where the indices say. Source: definition of GatherElements.
/// </summary>
internal sealed class GatherElementsGrad : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "GatherElementsGrad");

    public long Opset => 16;

    public void Write(NodeWriter writer) => writer.Return(0, ScatterAdd(
        Zeros(writer.Input(1)), writer.Input(2), writer.Input(0), writer.Node.Attributes.GetInt("axis", 0)));
}
