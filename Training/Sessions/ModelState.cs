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
    /// <exception cref="TrainingSessionException">A trained parameter is not float32, or has no data.</exception>
    public ModelState(Checkpoint source, IReadOnlyList<string> trained)
    {
        if (source.IsNominal)
            throw new TrainingSessionException("The checkpoint is nominal: it has names and shapes alone. Load one with values.");
        _source = source;
        var tensors = source.Trained.ToDictionary(tensor => tensor.Name);
        Layout = new TensorLayout(trained.Select(name => (name, tensors[name].Dimensions)));
        Trained = new TensorBlock(Layout);
        foreach (var name in trained)
        {
            Trained.CopyFrom(name, tensors[name]);
            _values[name] = Trained.ToOrtValue(name);
        }
        foreach (var tensor in source.Parameters.Where(tensor => !Layout.Contains(tensor.Name))) _values[tensor.Name] = Keep(tensor);
    }

    public TensorLayout Layout { get; }

    public TensorBlock Trained { get; }

    public long FrozenBytes => _otherBytes.Sum(bytes => (long)bytes.Length);

    /// <summary>Every parameter as ONNX Runtime takes it, by name.</summary>
    public IReadOnlyDictionary<string, OrtValue> Values => _values;

    /// <summary>The parameters as they are now, in the order of the checkpoint that they came from.</summary>
    public Checkpoint ToCheckpoint() => _source with
    {
        Trained = [.. _source.Trained.Select(tensor => Layout.Contains(tensor.Name)
            ? Trained.ToCheckpoint(tensor.Name) with { DocString = tensor.DocString }
            : tensor)],
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
