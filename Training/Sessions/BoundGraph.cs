using Microsoft.ML.OnnxRuntime;
using OnnxActNN.CustomOps;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Training.Sessions;

/// <summary>
/// A graph whose parameters are bound once; each run takes the caller's inputs and gives the caller's outputs.
/// </summary>
internal sealed class BoundGraph : IDisposable
{
    /// <summary>Where tensors are found that a graph given as bytes keeps in files beside it.</summary>
    private const string ExternalFolder = "session.model_external_initializers_file_folder_path";

    private readonly string _name;
    private readonly GraphRun _run;
    private readonly IReadOnlyDictionary<string, OrtValue> _parameters;

    /// <param name="name">What messages call the graph.</param>
    /// <param name="model">The graph.</param>
    /// <param name="settings">How the session is opened.</param>
    /// <param name="parameters">Values by name; inputs of other names are the caller's.</param>
    /// <param name="dataInputs">The caller's inputs, in order.</param>
    /// <param name="outputs">The caller's outputs, in order.</param>
    /// <exception cref="TrainingSessionException">ONNX Runtime refuses the graph.</exception>
    public BoundGraph(
        string name, Model model, SessionSettings settings, IReadOnlyDictionary<string, OrtValue> parameters,
        IReadOnlyList<string> dataInputs, IReadOnlyList<string> outputs)
    {
        (_name, _parameters, DataInputs, Outputs) = (name, parameters, dataInputs, outputs);
        try
        {
            _run = new GraphRun(ModelWriter.Write(model), WithOperators(settings, model.Folder));
        }
        catch (OnnxRuntimeException reason)
        {
            throw new TrainingSessionException(
                $"ONNX Runtime {OrtLibrary.Version} refuses the {name} graph: {reason.Message}", reason);
        }
    }

    public IReadOnlyList<string> DataInputs { get; }

    public IReadOnlyList<string> Outputs { get; }

    /// <summary>A binding of the parameters, and of the given outputs to memory that they are written to.</summary>
    public OrtIoBinding Bind(IEnumerable<KeyValuePair<string, OrtValue>> keptOutputs)
    {
        var binding = _run.CreateBinding();
        foreach (var name in _run.InputNames)
        {
            if (_parameters.TryGetValue(name, out var value)) binding.BindInput(name, value);
        }
        foreach (var (name, value) in keptOutputs) binding.BindOutput(name, value);
        return binding;
    }

    /// <summary>One run; returns the caller's outputs, which stay valid until disposed.</summary>
    /// <exception cref="TrainingSessionException">The inputs do not fit, or an operator fails.</exception>
    public StepOutputs Run(OrtIoBinding binding, IReadOnlyCollection<OrtValue> inputs)
    {
        if (inputs.Count != DataInputs.Count)
        {
            throw new TrainingSessionException(
                $"The {_name} graph takes {DataInputs.Count} inputs ({string.Join(", ", DataInputs)}); "
                + $"{inputs.Count} were given.");
        }
        foreach (var (name, value) in DataInputs.Zip(inputs)) binding.BindInput(name, value);
        // Each time anew: a bound output keeps its tensor, and the next run would write over what this one's caller
        // holds.
        foreach (var name in Outputs) binding.BindOutputToDevice(name, OrtMemoryInfo.DefaultInstance);
        try
        {
            _run.Run(binding);
        }
        catch (OnnxRuntimeException reason)
        {
            throw new TrainingSessionException($"The {_name} graph fails: {reason.Message}", reason);
        }
        return TakeOutputs(binding);
    }

    public void Dispose() => _run.Dispose();

    private StepOutputs TakeOutputs(OrtIoBinding binding)
    {
        var all = binding.GetOutputValues();
        var names = binding.GetOutputNames();
        var byName = names.Zip(all).ToDictionary(pair => pair.First, pair => pair.Second);
        foreach (var (name, value) in byName)
        {
            if (!Outputs.Contains(name)) value.Dispose();
        }
        return new StepOutputs([.. Outputs.Select(name => byName[name])]);
    }

    private static SessionSettings WithOperators(SessionSettings settings, string? folder) => settings with
    {
        Configure = options =>
        {
            options.RegisterOnnxActNN();
            if (folder is not null) options.AddSessionConfigEntry(ExternalFolder, folder);
            settings.Configure?.Invoke(options);
        },
    };
}
