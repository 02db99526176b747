using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// Concat, and the length of each part along the axis as a second output for the backward pass's split.
/// </summary>
internal sealed class ConcatTraining : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "ConcatTraining");

    public long Opset => 13;

    public void Write(NodeWriter writer)
    {
        var parts = Enumerable.Range(0, writer.Node.Inputs.Count).Select(writer.Input).ToArray();
        writer.Return(0, Concat(writer.Node.Attributes.GetInt("axis", 0), parts));
        if (writer.IsWanted(1)) writer.Return(1, Lengths(writer));
    }

    private static Term Lengths(NodeWriter writer)
    {
        if (writer.NumbersOfOutput(1) is { } known) return writer.Integers(known);
        var axis = AxisOf(writer, writer.RankOf(0), 0);
        var lengths = Enumerable.Range(0, writer.Node.Inputs.Count).Select(part =>
            writer.ShapeOf(part)?[axis].Value is { } size
                ? writer.Integers(size)
                : writer.Write("Gather", [writer.ShapeTensor(part), writer.Integers(axis)]));
        return Concat(0, [.. lengths]);
    }
}
