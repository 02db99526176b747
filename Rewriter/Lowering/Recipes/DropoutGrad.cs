using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// dX = dY/(1 − ratio) where the mask says kept, else 0; without training mode dX = dY.
/// Source: definition of Dropout; the ratio defaults to ½, training mode to false.
/// </summary>
/// <remarks>
/// ONNX Runtime 1.19.2's own kernel scales even without training mode, where Dropout itself does not.
/// </remarks>
internal sealed class DropoutGrad : IRecipe
{
    private const double DefaultRatio = 0.5;

    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "DropoutGrad");

    public long Opset => 13;

    public void Write(NodeWriter writer)
    {
        var scaled = Scale(writer) is { } scale ? writer.Input(0) * scale : writer.Input(0);
        writer.Return(0, Where(writer.Input(1), scaled, writer.Number(0)));
    }

    /// <summary>1/(1 − ratio); null for 1. The mask of a node without training mode keeps all.</summary>
    private static Term? Scale(NodeWriter writer)
    {
        if (!writer.Has(3) || writer.ConstantOf(3)?.TryGetIntegers() is [0]) return null;
        Term scale;
        if (!writer.Has(2)) scale = writer.Number(1 / (1 - DefaultRatio));
        else if (writer.ConstantOf(2)?.TryGetFloats() is [var ratio]) scale = writer.Number(1 / (1 - ratio));
        else scale = Reciprocal(1 - writer.Cast(writer.Input(2), writer.TypeOf(2)));
        return writer.ConstantOf(3)?.TryGetIntegers() is not null
            ? scale
            : Where(writer.Input(3), scale, writer.Number(1));
    }
}
