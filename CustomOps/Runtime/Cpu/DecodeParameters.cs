namespace OnnxActNN.CustomOps.Cpu;

/// <summary>What turns a code with its fraction bits, w, into a value: w · Scale + Offset.</summary>
/// <param name="Offset">The minimum, less the mean of the fraction with dither.</param>
/// <param name="Scale">step / 2^m.</param>
/// <param name="Zero">What code 0 of a zero-exact tensor decodes to: 0, or NaN in a group with NaN or infinity.</param>
internal readonly record struct DecodeParameters(float Offset, float Scale, float Zero);
