using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxActNN.Training.Checkpoints;

namespace OnnxActNN.Training.Sessions;

/// <summary>
/// Named float32 tensors in one contiguous block of host memory that never moves: all parameters of a model, or all
/// gradients.
/// </summary>
/// <remarks>
/// Each tensor starts on a multiple of 64 bytes; the padding between is zero and stays so. Two blocks of one session
/// have the same layout. ONNX Runtime reads and writes this very memory.
/// </remarks>
public sealed class TensorBlock
{
    private readonly TensorLayout _layout;
    private readonly float[] _elements;
    private readonly int _start;

    internal unsafe TensorBlock(TensorLayout layout)
    {
        _layout = layout;
        _elements = GC.AllocateArray<float>(layout.Length + TensorLayout.Alignment, pinned: true);
        var misaligned = (nuint)Unsafe.AsPointer(ref _elements[0]) / sizeof(float) % TensorLayout.Alignment;
        _start = (int)(TensorLayout.Alignment - misaligned) % TensorLayout.Alignment;
    }

    /// <summary>Names of the tensors, in the order of the block.</summary>
    public IReadOnlyCollection<string> Names => _layout.Names;

    /// <summary>
    /// All elements, tensor after tensor, with the padding between them: what an all-reduce over the model takes.
    /// </summary>
    public Memory<float> Flat => _elements.AsMemory(_start, _layout.Length);

    /// <summary>Bytes taken.</summary>
    public long Bytes => (long)_elements.Length * sizeof(float);

    /// <summary>The elements of one tensor, row-major.</summary>
    /// <exception cref="KeyNotFoundException">There is no tensor of that name.</exception>
    public Memory<float> this[string name] => Flat.Slice(_layout[name].Offset, _layout[name].Length);

    /// <summary>The sizes of one tensor, outermost first.</summary>
    /// <exception cref="KeyNotFoundException">There is no tensor of that name.</exception>
    public IReadOnlyList<long> SizesOf(string name) => _layout[name].Sizes;

    internal Span<float> Part(int offset, int length) => _elements.AsSpan(_start + offset, length);

    /// <summary>A tensor over this block's memory; the block must outlive it.</summary>
    internal unsafe OrtValue ToOrtValue(string name)
    {
        var place = _layout[name];
        var first = Unsafe.AsPointer(ref _elements[_start + place.Offset]);
        return OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, TensorElementType.Float, place.Sizes, (nint)first,
                (long)place.Length * sizeof(float));
    }

    /// <exception cref="TrainingSessionException">The tensor is no float32 tensor of that size.</exception>
    internal void CopyFrom(string name, CheckpointTensor tensor)
    {
        if (tensor.ElementType != TensorElementType.Float
            || !tensor.Dimensions.SequenceEqual(_layout[name].Sizes)
            || tensor.Data.IsEmpty != (_layout[name].Length == 0))
        {
            throw new TrainingSessionException(
                $"'{tensor.Name}' of parameter '{name}' is {tensor.ElementType} "
                + $"[{string.Join(", ", tensor.Dimensions)}] with {tensor.Data.Length} bytes; "
                + $"wanted is Float [{string.Join(", ", _layout[name].Sizes)}] with its data.");
        }
        tensor.AsFloats().CopyTo(this[name].Span);
    }

    internal CheckpointTensor ToCheckpoint(string name) =>
        CheckpointTensor.FromFloats(name, _layout[name].Sizes, this[name].Span);
}
