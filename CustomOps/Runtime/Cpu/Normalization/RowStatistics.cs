namespace OnnxActNN.CustomOps.Cpu.Normalization;

/// <summary>
/// What a layer normalization multiplies with, per column, and what it found, per row; all in the caller's memory.
/// </summary>
/// <param name="scale">Factor of each column.</param>
/// <param name="inverseDeviation">
/// 1 / √(variance + ε) of each row; of a root mean square's where there is no mean.
/// </param>
/// <param name="mean">Of each row; null for normalizations by the root mean square, which subtract none.</param>
internal readonly unsafe struct RowStatistics(float* scale, float* inverseDeviation, float* mean)
{
    public float* Scale => scale;

    public bool HasMean => mean != null;

    public float Mean(long row) => mean == null ? 0f : mean[row];

    public float InverseDeviation(long row) => inverseDeviation[row];
}
