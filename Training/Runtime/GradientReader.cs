using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Feeds;

namespace OnnxActNN.Training.Runtime;

/// <summary>
/// Loss and gradients of a training graph. ONNX Runtime's training session gives no gradients away; a plain session of
/// the same native library does: it adds them into the accumulation buffers, which are its inputs.
/// </summary>
/// <remarks>Needs a native library with the training operators. One instance holds one buffer per parameter.</remarks>
internal sealed class GradientReader : IDisposable
{
    private readonly GraphRun _run;
    private readonly TrainingSignature _signature;
    private readonly Dictionary<string, float[]> _gradients = [];
    private readonly Dictionary<string, OrtValue> _inputs = [];
    private readonly bool[] _overwrite = [true];

    /// <summary>Prepares gradients at the given parameters.</summary>
    /// <param name="run">The graph; disposed with this.</param>
    /// <param name="signature">The graph's signature; its parameters are float32.</param>
    /// <param name="parameters">A value for every parameter of the signature.</param>
    /// <exception cref="ArgumentException">A parameter is missing.</exception>
    public GradientReader(GraphRun run, TrainingSignature signature, Checkpoint parameters)
    {
        (_run, _signature) = (run, signature);
        var values = parameters.Parameters.ToDictionary(tensor => tensor.Name);
        foreach (var input in signature.Trained.Concat(signature.Frozen))
        {
            if (!values.TryGetValue(input.Name, out var value))
                throw new ArgumentException($"The checkpoint has no parameter '{input.Name}'.", nameof(parameters));
            _inputs[input.Name] = OrtValue.CreateTensorValueFromMemory(
                value.AsFloats().ToArray(), [.. value.Dimensions]);
        }
        foreach (var input in signature.Trained)
        {
            var tensor = values[input.Name];
            var buffer = _gradients[input.Name] = new float[tensor.AsFloats().Length];
            _inputs[input.Name + InputRoles.BufferSuffix] =
                OrtValue.CreateTensorValueFromMemory(buffer, [.. tensor.Dimensions]);
        }
        if (signature.ResetInput is not null)
            _inputs[signature.ResetInput] = OrtValue.CreateTensorValueFromMemory(_overwrite, [1]);
    }

    /// <summary>The gradient of each trained parameter, row-major, as the last run left it.</summary>
    public IReadOnlyDictionary<string, float[]> Gradients => _gradients;

    /// <summary>Ends profiling and returns the profile's path.</summary>
    public string EndProfiling() => _run.EndProfiling();

    /// <summary>One forward and backward pass.</summary>
    /// <param name="data">The caller's inputs by name.</param>
    /// <returns>The loss.</returns>
    public float Run(IReadOnlyDictionary<string, OrtValue> data) => Run(data, [_signature.LossOutput])[0][0];

    /// <summary>One forward and backward pass.</summary>
    /// <param name="data">The caller's inputs by name.</param>
    /// <param name="outputs">Names of float32 outputs of the graph.</param>
    /// <returns>The elements of those, row-major.</returns>
    public IReadOnlyList<float[]> Run(IReadOnlyDictionary<string, OrtValue> data, IReadOnlyCollection<string> outputs)
    {
        var all = new Dictionary<string, OrtValue>(_inputs);
        foreach (var (name, value) in data) all[name] = value;
        using var values = _run.Run(all, outputs);
        return [.. values.Select(value => value.GetTensorDataAsSpan<float>().ToArray())];
    }

    public void Dispose()
    {
        _run.Dispose();
        foreach (var value in _inputs.Values) value.Dispose();
    }
}
