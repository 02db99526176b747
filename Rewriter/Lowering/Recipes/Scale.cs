using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// Y = X·s, or X/s with scale_down; s is a scalar of any type. Source: scale.cc of ONNX Runtime 1.19.2.
/// </summary>
internal sealed class Scale : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "Scale");

    public long Opset => 13;

    public void Write(NodeWriter writer)
    {
        var scale = writer.Cast(writer.Input(1), writer.TypeOf(1));
        var x = writer.Input(0);
        writer.Return(0, writer.Node.Attributes.GetInt("scale_down", 0) != 0 ? x / scale : x * scale);
    }
}
