using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Training.Checkpoints;

namespace OnnxActNN.Training.Sessions;

/// <summary>The parameters of a model, in memory that ONNX Runtime reads in place.</summary>
internal sealed class ModelState : IDisposable
{
    private readonly Checkpoint _source;
    private readonly Dictionary<string, OrtValue> _values = [];
    private readonly List<byte[]> _otherBytes = [];

    /// <param name="source">All parameters.</param>
    /// <param name="trained">Those that change.</param>
    /// <param name="statistics">
    /// Running statistics as exported; where the checkpoint has them too, its own count.
    /// </param>
    /// <exception cref="TrainingSessionException">A trained parameter is not float32, or has no data.</exception>
    public ModelState(Checkpoint source, IReadOnlyList<string> trained, IReadOnlyList<CheckpointTensor> statistics)
    {
        if (source.IsNominal)
            throw new TrainingSessionException(
                "The checkpoint is nominal: it has names and shapes alone. Load one with values.");
        _source = source;
        var tensors = source.Trained.ToDictionary(tensor => tensor.Name);
        Layout = new TensorLayout(trained.Select(name => (name, tensors[name].Dimensions)));
        Trained = new TensorBlock(Layout);
        foreach (var name in trained)
        {
            Trained.CopyFrom(name, tensors[name]);
            _values[name] = Trained.ToOrtValue(name);
        }
        StatisticsLayout = new TensorLayout(statistics.Select(tensor => (tensor.Name, tensor.Dimensions)));
        Statistics = new TensorBlock(StatisticsLayout);
        var saved = source.Frozen.ToDictionary(tensor => tensor.Name);
        foreach (var tensor in statistics)
        {
            Statistics.CopyFrom(tensor.Name, saved.GetValueOrDefault(tensor.Name, tensor));
            _values[tensor.Name] = Statistics.ToOrtValue(tensor.Name);
        }
        foreach (var tensor in source.Parameters.Where(tensor => !_values.ContainsKey(tensor.Name)))
            _values[tensor.Name] = Keep(tensor);
    }

    public TensorLayout Layout { get; }

    public TensorBlock Trained { get; }

    public TensorLayout StatisticsLayout { get; }

    /// <summary>Running statistics of batch normalization.</summary>
    public TensorBlock Statistics { get; }

    public long FrozenBytes => Statistics.Bytes + _otherBytes.Sum(bytes => (long)bytes.Length);

    /// <summary>Every parameter as ONNX Runtime takes it, by name.</summary>
    public IReadOnlyDictionary<string, OrtValue> Values => _values;

    /// <summary>
    /// The parameters as they are now, in the order of the checkpoint that they came from; running statistics are
    /// frozen ones.
    /// </summary>
    public Checkpoint ToCheckpoint() => _source with
    {
        Trained = [.. _source.Trained.Select(tensor => Layout.Contains(tensor.Name)
            ? Trained.ToCheckpoint(tensor.Name) with { DocString = tensor.DocString }
            : tensor)],
        Frozen =
        [
            .. _source.Frozen.Where(tensor => !StatisticsLayout.Contains(tensor.Name)),
            .. StatisticsLayout.Names.Select(Statistics.ToCheckpoint),
        ],
    };

    public void Dispose()
    {
        foreach (var value in _values.Values) value.Dispose();
    }

    private unsafe OrtValue Keep(CheckpointTensor tensor)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(tensor.Data.Length, pinned: true);
        tensor.Data.Span.CopyTo(bytes);
        _otherBytes.Add(bytes);
        fixed (byte* first = bytes)
        {
            return OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance, tensor.ElementType, [.. tensor.Dimensions], (nint)first, bytes.Length);
        }
    }
}
