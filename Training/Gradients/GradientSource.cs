using Microsoft.ML.OnnxRuntime;
using OnnxActNN.CustomOps;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Runtime;
using OnnxActNN.Training.Sessions;

namespace OnnxActNN.Training.Gradients;

/// <summary>
/// Loss and gradients of a training graph at fixed parameters, on any current ONNX Runtime: what the graph has of
/// gradient operators is lowered first. Each run of a packed graph draws noise of its own.
/// </summary>
internal sealed class GradientSource : IDisposable
{
    private readonly GraphRun _run;
    private readonly Dictionary<string, OrtValue> _parameters = [];
    private readonly List<string> _names;
    private readonly List<string> _outputs;

    /// <summary>Opens the graph.</summary>
    /// <param name="model">A training graph, rewritten or not; used up.</param>
    /// <param name="parameters">Values of all parameters that the graph reads.</param>
    /// <param name="loss">Name of the loss.</param>
    /// <param name="settings">How to open the session; the operators are registered in any case.</param>
    /// <exception cref="TrainingSessionException">The graph gives no gradients.</exception>
    /// <exception cref="LoweringException">The graph has operators that cannot be lowered.</exception>
    public GradientSource(Model model, Checkpoint parameters, string loss, SessionSettings settings)
    {
        var places = StepGraph.FindGradients(model.Graph, parameters);
        NormalizeInPlace.Undo(model.Graph);
        if (model.Graph.Nodes.Any(node => TrainingOperators.Contains(node.Operator))) GraphLowering.Lower(model);
        _names = [.. places.Keys];
        _outputs = [loss, .. places.Values.Select(place => model.Graph.Outputs[place].Name)];
        var configure = settings.Configure;
        _run = new GraphRun(ModelWriter.Write(model), settings with
        {
            Configure = options =>
            {
                options.RegisterOnnxActNN();
                configure?.Invoke(options);
            },
        });
        foreach (var tensor in parameters.Parameters.Where(tensor => _run.InputNames.Contains(tensor.Name)))
            _parameters[tensor.Name] =
                OrtValue.CreateTensorValueFromMemory(tensor.AsFloats().ToArray(), [.. tensor.Dimensions]);
    }

    /// <summary>Names of the trained parameters, in the graph's order.</summary>
    public IReadOnlyList<string> Parameters => _names;

    /// <summary>One forward and backward pass.</summary>
    /// <param name="data">The caller's inputs by name.</param>
    /// <returns>The loss, and the gradient of each parameter, row-major.</returns>
    public (float Loss, IReadOnlyDictionary<string, float[]> Gradients) Run(IReadOnlyDictionary<string, OrtValue> data)
    {
        var inputs = new Dictionary<string, OrtValue>(_parameters);
        foreach (var (name, value) in data) inputs[name] = value;
        using var outputs = _run.Run(inputs, _outputs);
        var gradients = _names.Select(
            (name, index) => (name, Values: outputs[index + 1].GetTensorDataAsSpan<float>().ToArray()));
        return (outputs[0].GetTensorDataAsSpan<float>()[0],
            gradients.ToDictionary(pair => pair.name, pair => pair.Values));
    }

    /// <summary>Ends profiling and returns the profile's path.</summary>
    public string EndProfiling() => _run.EndProfiling();

    public void Dispose()
    {
        _run.Dispose();
        foreach (var value in _parameters.Values) value.Dispose();
    }
}
