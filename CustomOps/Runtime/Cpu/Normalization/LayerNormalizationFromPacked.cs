using System.Runtime.Intrinsics;

namespace OnnxActNN.CustomOps.Cpu.Normalization;

/// <summary>
/// Y = (X − mean) · inv_std · scale + bias, with mean and inv_std of each row, scale and bias of each column, and X
/// decoded on the way: what layer normalization made of X. It is linear in X, and so as unbiased as X.
/// </summary>
internal static unsafe class LayerNormalizationFromPacked
{
    /// <summary>Computes Y.</summary>
    /// <param name="x">X, packed.</param>
    /// <param name="statistics">Of the forward pass.</param>
    /// <param name="bias">Summand of each column; may be null.</param>
    /// <param name="y">Room for as many elements as X has; all are written.</param>
    /// <param name="loop">Runs the rows.</param>
    public static void Run(PackedPlanes x, RowStatistics statistics, float* bias, float* y, IParallelLoop loop) =>
        x.Read(loop, (in piece) =>
        {
            var column = piece.Start - piece.Plane * x.PlaneLength;
            var inverse = statistics.InverseDeviation(piece.Plane);
            Apply(
                piece, inverse, -statistics.Mean(piece.Plane) * inverse, statistics.Scale + column,
                bias == null ? null : bias + column, y + piece.Start);
        });

    private static void Apply(in Piece piece, float factor, float offset, float* scale, float* bias, float* y)
    {
        var x = piece.Values;
        var length = piece.Length;
        var (factors, offsets) = (Vector512.Create(factor), Vector512.Create(offset));
        var i = 0;
        for (; i <= length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            var value = (Vector512.Load(x + i) * factors + offsets) * Vector512.Load(scale + i);
            if (bias != null) value += Vector512.Load(bias + i);
            value.Store(y + i);
        }
        for (; i < length; i++)
        {
            var value = (x[i] * factor + offset) * scale[i];
            y[i] = bias == null ? value : value + bias[i];
        }
    }
}
