using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering.Recipes;

/// <summary>
/// Zeros of the shape in input 0, to which the rows of dY are added where the indices say: ScatterND with addition
/// along axis 0; for another axis with that axis moved to the front and back again. Source: definition of Gather.
/// </summary>
internal sealed class GatherGrad : IRecipe
{
    public OperatorId Operator { get; } = new(OperatorId.Microsoft, "GatherGrad");

    public long Opset => 16;

    public void Write(NodeWriter writer)
    {
        var indexRank = writer.RankOf(1);
        var rank = writer.RankOf(2) - indexRank + 1;
        var axis = AxisOf(writer, rank, 0);
        var given = writer.TypeOf(1) == DataType.Int64
            ? writer.Input(1)
            : writer.CastTo(writer.Input(1), DataType.Int64);
        var indices = Unsqueeze(given, indexRank);
        var sizes = writer.Input(0);
        if (axis == 0)
        {
            writer.Return(0, ScatterRows(Zeros(sizes), indices, writer.Input(2)));
            return;
        }
        long[] order = [axis, .. Axes(0, axis), .. Axes(axis + 1, rank)];
        long[] updateOrder =
            [.. Axes(axis, axis + indexRank), .. Axes(0, axis), .. Axes(axis + indexRank, rank + indexRank - 1)];
        var moved = writer.Write("Gather", [sizes, writer.Integers(order)]);
        var scattered = ScatterRows(Zeros(moved), indices, Transpose(writer.Input(2), updateOrder));
        writer.Return(0, Transpose(scattered, [.. Axes(1, axis + 1), 0, .. Axes(axis + 1, rank)]));
    }

    private static Term ScatterRows(Term data, Term indices, Term updates) =>
        data.Writer.Write("ScatterND", [data, indices, updates], attributes => attributes.Set("reduction", "add"));
}
