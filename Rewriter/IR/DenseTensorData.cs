using System.Runtime.InteropServices;

namespace OnnxActNN.Rewriter.IR;

/// <summary>A constant made by a pass: int64 or float32 elements in memory.</summary>
internal sealed class DenseTensorData : TensorData
{
    private readonly long[]? _integers;
    private readonly float[]? _floats;

    private DenseTensorData(DataType type, IReadOnlyList<long> sizes, long[]? integers, float[]? floats)
    {
        ElementType = type;
        Sizes = sizes;
        _integers = integers;
        _floats = floats;
    }

    public override DataType ElementType { get; }

    public override IReadOnlyList<long> Sizes { get; }

    public static DenseTensorData Integers(params long[] elements) => Integers([elements.Length], elements);

    public static DenseTensorData Integers(IReadOnlyList<long> sizes, long[] elements) =>
        new(DataType.Int64, sizes, elements, null);

    public static DenseTensorData Floats(IReadOnlyList<long> sizes, float[] elements) =>
        new(DataType.Float, sizes, null, elements);

    public static DenseTensorData Scalar(float element) => Floats([], [element]);

    public static DenseTensorData Scalar(long element) => Integers([], [element]);

    public override long[]? TryGetIntegers() => _integers;

    public override void ReadBytes(long offset, Span<byte> destination)
    {
        CheckedRange(offset, destination.Length);
        var raw = _integers is null
            ? MemoryMarshal.AsBytes(_floats.AsSpan())
            : MemoryMarshal.AsBytes(_integers.AsSpan());
        raw.Slice((int)offset, destination.Length).CopyTo(destination);
    }

    public override double[]? TryGetFloats() =>
        _floats is null ? null : Array.ConvertAll(_floats, element => (double)element);
}
