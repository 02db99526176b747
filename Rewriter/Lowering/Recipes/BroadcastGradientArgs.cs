using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// The axes along which two shapes broadcast, as constants. Covers shapes that are known up to names of equal sizes.
/// </summary>
internal sealed class BroadcastGradientArgs : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "BroadcastGradientArgs");

    public long Opset => 13;

    public void Write(NodeWriter writer)
    {
        for (var output = 0; output < 2; output++)
        {
            if (!writer.IsWanted(output)) continue;
            var axes = writer.NumbersOfOutput(output)
                ?? throw NodeWriter.Fail("the two shapes are not known well enough to tell which axes broadcast");
            writer.Return(output, writer.Integers(axes));
        }
    }
}
