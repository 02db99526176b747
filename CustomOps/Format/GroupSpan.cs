namespace OnnxActNN.Format;

/// <summary>Where one group lies.</summary>
/// <param name="Start">Index of its first element in the tensor.</param>
/// <param name="Length">Its elements.</param>
/// <param name="CodeOffset">Offset in bytes of its codes from the start of the packed buffer.</param>
public readonly record struct GroupSpan(long Start, int Length, long CodeOffset);
