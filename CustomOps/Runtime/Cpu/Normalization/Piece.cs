namespace OnnxActNN.CustomOps.Cpu.Normalization;

/// <summary>Decoded elements that lie in one plane and follow each other.</summary>
/// <param name="plane">Number of the plane.</param>
/// <param name="start">Index of the first element in the tensor.</param>
/// <param name="length">Elements.</param>
/// <param name="values">Their decoded values; valid during the call.</param>
/// <param name="block">Number of the block of planes, each of which is read by one thread.</param>
/// <param name="variance">Of the codes' error, where pieces are cut at groups; else 0.</param>
internal readonly unsafe struct Piece(long plane, long start, int length, float* values, long block, float variance)
{
    public long Plane => plane;

    public long Start => start;

    public int Length => length;

    public float* Values => values;

    public long Block => block;

    public float Variance => variance;
}
