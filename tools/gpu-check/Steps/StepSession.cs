using Microsoft.ML.OnnxRuntime;

namespace OnnxActNN.GpuCheck.Steps;

/// <summary>
/// A step graph in a session of ONNX Runtime, with its inputs on the provider's device: each run is a forward and a
/// backward pass. The first output is the loss, the others are gradients, which stay on the device.
/// </summary>
internal sealed class StepSession : IDisposable
{
    private readonly StepRuntime _runtime;
    private readonly StepProvider _provider;
    private readonly SessionOptions _options;
    private readonly InferenceSession _session;
    private readonly Dictionary<string, PlacedTensor> _inputs = [];
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _runOptions = new();

    /// <summary>Opens a graph.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses it.</exception>
    public StepSession(StepRuntime runtime, StepProvider provider, string graph, int batch)
    {
        (_runtime, _provider) = (runtime, provider);
        _options = runtime.CreateOptions(provider);
        _session = new InferenceSession(graph, _options);
        _binding = _session.CreateIoBinding();
        try
        {
            _inputs = StepInputs.Place(_session, batch, provider);
        }
        catch
        {
            Dispose();
            throw;
        }
        foreach (var (name, tensor) in _inputs) _binding.BindInput(name, tensor.Value);
    }

    private string Loss => _session.OutputNames[0];

    private IEnumerable<string> Gradients => _session.OutputNames.Skip(1);

    /// <summary>What the arena of the device has handed out; null where that cannot be had.</summary>
    public ArenaStatistics? Arena
    {
        get
        {
            using var allocator = new OrtAllocator(_session, _provider.Memory);
            return _runtime.StatisticsOf(allocator);
        }
    }

    /// <summary>One step; returns the loss.</summary>
    public float Run()
    {
        _binding.ClearBoundOutputs();
        _binding.BindOutputToDevice(Loss, OrtMemoryInfo.DefaultInstance);
        foreach (var name in Gradients) _binding.BindOutputToDevice(name, _provider.Memory);
        using var outputs = RunBound();
        return outputs[0].GetTensorDataAsSpan<float>()[0];
    }

    /// <summary>One step; returns the loss, and the gradients in the graph's order, on the host.</summary>
    public (float Loss, IReadOnlyList<float[]> Gradients) RunWithGradients()
    {
        _binding.ClearBoundOutputs();
        foreach (var name in _session.OutputNames) _binding.BindOutputToDevice(name, OrtMemoryInfo.DefaultInstance);
        using var outputs = RunBound();
        return (
            outputs[0].GetTensorDataAsSpan<float>()[0],
            [.. outputs.Skip(1).Select(gradient => gradient.GetTensorDataAsSpan<float>().ToArray())]);
    }

    public void Dispose()
    {
        _runOptions.Dispose();
        _binding.Dispose();
        _session.Dispose();
        _options.Dispose();
        foreach (var tensor in _inputs.Values) tensor.Dispose();
    }

    private IDisposableReadOnlyCollection<OrtValue> RunBound()
    {
        _session.RunWithBinding(_runOptions, _binding);
        _binding.SynchronizeBoundOutputs();
        return _binding.GetOutputValues();
    }
}
