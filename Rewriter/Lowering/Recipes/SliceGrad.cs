using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// dY in its place within zeros of the shape in input 1. Where bounds and sizes are known and the step is 1: Pad. Else
/// a slice of the element numbers 0, 1, 2... tells where each element of dY goes. Source: definition of Slice.
/// </summary>
internal sealed class SliceGrad : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "SliceGrad");

    public long Opset => 13;

    public void Write(NodeWriter writer)
    {
        if (TryPads(writer) is { } pads)
        {
            writer.Return(0, writer.Write("Pad", [writer.Input(0), writer.Integers(pads)]));
            return;
        }
        var sizes = writer.Input(1);
        var count = Product(sizes);
        var numbers = writer.Write("Range", [writer.Integer(0), Reshape(count, []), writer.Integer(1)]);
        Term?[] bounds = [.. Enumerable.Range(2, writer.Node.Inputs.Count - 2)
            .Select(input => writer.Has(input) ? writer.Input(input) : (Term?)null)];
        var places = writer.Write("Slice", [Reshape(numbers, sizes), .. bounds]);
        var flat = writer.Write("ScatterElements", [Zeros(count), Reshape(places, -1), Reshape(writer.Input(0), -1)]);
        writer.Return(0, Reshape(flat, sizes));
    }

    /// <summary>
    /// Zeros in front of and behind each axis; null where a bound or a sliced size is not known, or a step is not 1.
    /// </summary>
    private static long[]? TryPads(NodeWriter writer)
    {
        var gradient = writer.ShapeOf(0);
        if (gradient is null || writer.NumbersOf(2) is not { } starts || writer.ShapeOfOutput(0) is not { } full)
            return null;
        var axes = writer.Has(4) ? writer.NumbersOf(4) : [.. Axes(0, starts.Length)];
        if (axes is null || (writer.Has(5) && writer.NumbersOf(5)?.All(step => step == 1) != true)) return null;
        var pads = new long[2 * full.Rank];
        for (var index = 0; index < axes.Length; index++)
        {
            var axis = (int)(axes[index] < 0 ? axes[index] + full.Rank : axes[index]);
            if (full[axis].Value is not { } size || gradient[axis].Value is not { } kept) return null;
            var start = Math.Clamp(starts[index] < 0 ? starts[index] + size : starts[index], 0, size);
            pads[axis] = start;
            pads[axis + full.Rank] = size - start - kept;
            if (pads[axis + full.Rank] < 0) return null;
        }
        return pads;
    }
}
