namespace OnnxActNN.Training.Sessions;

/// <summary>Where each of several named float32 tensors stands in one block.</summary>
internal sealed class TensorLayout
{
    /// <summary>Each tensor starts on a cache line, so that vectors are aligned and threads share none.</summary>
    public const int Alignment = 16;

    private readonly Dictionary<string, TensorPlace> _places = [];

    /// <param name="tensors">Names and sizes, in the order that the block has them.</param>
    /// <exception cref="TrainingSessionException">Together they have more elements than an array can.</exception>
    public TensorLayout(IEnumerable<(string Name, IReadOnlyList<long> Sizes)> tensors)
    {
        long offset = 0;
        foreach (var (name, sizes) in tensors)
        {
            var length = sizes.Aggregate(1L, (product, size) => checked(product * size));
            if (offset + length > Array.MaxLength - 2 * Alignment)
            {
                throw new TrainingSessionException(
                    $"Parameter '{name}' ends beyond {Array.MaxLength} elements, the most that one block of parameters "
                    + "holds. Freeze a part of the model.");
            }
            _places.Add(name, new TensorPlace(name, [.. sizes], (int)offset, (int)length));
            offset += (length + Alignment - 1) / Alignment * Alignment;
        }
        Length = (int)offset;
    }

    /// <summary>Elements of the block, with padding.</summary>
    public int Length { get; }

    public IReadOnlyCollection<TensorPlace> Tensors => _places.Values;

    public IReadOnlyCollection<string> Names => _places.Keys;

    public TensorPlace this[string name] => _places[name];

    public bool Contains(string name) => _places.ContainsKey(name);
}
