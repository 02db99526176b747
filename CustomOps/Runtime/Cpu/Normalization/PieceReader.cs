namespace OnnxActNN.CustomOps.Cpu.Normalization;

/// <summary>Takes decoded elements that lie in one plane and follow each other.</summary>
/// <param name="plane">Number of the plane: sample · channels + channel.</param>
/// <param name="start">Index of the first element in the tensor.</param>
/// <param name="length">Elements.</param>
/// <param name="x">Their decoded values; valid during the call.</param>
internal unsafe delegate void PieceReader(long plane, long start, int length, float* x);
