using System.Runtime.Intrinsics;

namespace OnnxActNN.CustomOps.Cpu.Normalization;

/// <summary>
/// The gradient of layer normalization from packed X. With i = inv_std, n = (X − mean) · i, g = dY · scale, m columns
/// and E the mean of a row: dX = i · (g − E[g] − n · E[g · n]), dscale = Σ dY · n and dbias = Σ dY over the rows.
/// Source: layer_norm.cc of ONNX Runtime 1.19.2.
/// </summary>
/// <remarks>
/// 1. X stands twice in n · E[g · n], once with itself, so an error of variance v in X gives the gradient −i · g · v ·
/// i² / m that does not average out. v is known, it is that of the code's rounding, and so the same is added again:
/// with dither the gradient is unbiased.
/// 2. Two passes, which decode X twice and restore it nowhere. Sums of a row run over 16 lanes within a piece, then in
/// float64; sums of a column over the rows of a block, then in float64 over the blocks, which depend on the dimensions
/// alone: the bits do not depend on the processor or the number of threads.
/// </remarks>
internal static unsafe class LayerNormalizationGradFromPacked
{
    private const int MostBlocks = 32;

    /// <summary>Computes the three gradients.</summary>
    /// <param name="dY">Gradient of Y, as many elements as X has.</param>
    /// <param name="x">X, packed.</param>
    /// <param name="statistics">Of the forward pass; without a mean there is no E[g].</param>
    /// <param name="dX">Gradient of X; all elements are written. May be <paramref name="dY"/>.</param>
    /// <param name="dScale">A number per column.</param>
    /// <param name="dBias">A number per column.</param>
    /// <param name="loop">Runs the blocks.</param>
    public static void Run(
        float* dY, PackedPlanes x, RowStatistics statistics, float* dX, float* dScale, float* dBias, IParallelLoop loop)
    {
        var columns = checked((int)x.PlaneLength);
        var rows = new RowSums[x.Planes];
        var blocks = new ColumnSums?[MostBlocks];
        x.Read(loop, MostBlocks, atGroups: false, (in piece) =>
            Add(
                ref rows[piece.Plane], blocks[piece.Block] ??= new ColumnSums(columns), dY + piece.Start, piece,
                Row(piece)));
        ColumnSums.Total(blocks, dScale, dBias, columns);
        x.Read(loop, MostBlocks, atGroups: true, (in piece) =>
            Apply(rows[piece.Plane], dY + piece.Start, piece, Row(piece), dX + piece.Start));

        RowPiece Row(in Piece piece) => new(statistics, piece, columns);
    }

    private static void Add(ref RowSums sums, ColumnSums columns, float* dY, in Piece piece, RowPiece row)
    {
        var (mean, inverse) = (Vector512.Create(row.Mean), Vector512.Create(row.Inverse));
        var (gradients, products) = (Vector512<float>.Zero, Vector512<float>.Zero);
        var x = piece.Values;
        var length = piece.Length;
        fixed (float* ofScale = &columns.Products[row.Column], ofBias = &columns.Gradients[row.Column])
        {
            var i = 0;
            for (; i <= length - Vector512<float>.Count; i += Vector512<float>.Count)
            {
                var normalized = (Vector512.Load(x + i) - mean) * inverse;
                var (dy, scale) = (Vector512.Load(dY + i), Vector512.Load(row.Scale + i));
                gradients += dy * scale;
                products += dy * scale * normalized;
                (Vector512.Load(ofScale + i) + dy * normalized).Store(ofScale + i);
                (Vector512.Load(ofBias + i) + dy).Store(ofBias + i);
            }
            for (var lane = 0; lane < Vector512<float>.Count; lane++) sums.Add(gradients[lane], products[lane]);
            for (; i < length; i++)
            {
                var normalized = (x[i] - row.Mean) * row.Inverse;
                sums.Add(dY[i] * row.Scale[i], dY[i] * row.Scale[i] * normalized);
                ofScale[i] += dY[i] * normalized;
                ofBias[i] += dY[i];
            }
        }
    }

    private static void Apply(in RowSums sums, float* dY, in Piece piece, RowPiece row, float* dX)
    {
        var ofGradient = 1f + piece.Variance * row.Inverse * row.Inverse / row.Columns; // Rule 1.
        var meanGradient = row.HasMean ? (float)(sums.Gradient / row.Columns) : 0f;
        var meanProduct = (float)(sums.Product / row.Columns);
        var (ofGradients, means, inverses) =
            (Vector512.Create(ofGradient), Vector512.Create(row.Mean), Vector512.Create(row.Inverse));
        var (constants, ofNormalized) = (Vector512.Create(meanGradient), Vector512.Create(meanProduct));
        var x = piece.Values;
        var length = piece.Length;
        var i = 0;
        for (; i <= length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            var normalized = (Vector512.Load(x + i) - means) * inverses;
            var gradient = Vector512.Load(dY + i) * Vector512.Load(row.Scale + i);
            (inverses * (gradient * ofGradients - constants - normalized * ofNormalized)).Store(dX + i);
        }
        for (; i < length; i++)
        {
            var normalized = (x[i] - row.Mean) * row.Inverse;
            dX[i] = row.Inverse * (dY[i] * row.Scale[i] * ofGradient - meanGradient - normalized * meanProduct);
        }
    }

    /// <summary>What goes with a piece of a row.</summary>
    private readonly struct RowPiece(RowStatistics statistics, in Piece piece, int columns)
    {
        public readonly float Mean = statistics.Mean(piece.Plane);
        public readonly float Inverse = statistics.InverseDeviation(piece.Plane);
        public readonly bool HasMean = statistics.HasMean;
        public readonly int Columns = columns;
        public readonly int Column = (int)(piece.Start - piece.Plane * columns);
        public readonly float* Scale = statistics.Scale + (piece.Start - piece.Plane * columns);
    }

    private struct RowSums
    {
        public double Gradient;
        public double Product;

        public void Add(double gradient, double product)
        {
            Gradient += gradient;
            Product += product;
        }
    }
}
