using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Format;

namespace OnnxActNN.Training.Runtime;

/// <summary>Any graph in a plain session, with named inputs and outputs.</summary>
internal sealed class GraphRun : IDisposable
{
    private readonly SessionOptions _options;
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();

    /// <summary>Opens a graph file.</summary>
    /// <exception cref="OnnxRuntimeException">
    /// ONNX Runtime refuses the graph, for instance for an operator that it has no kernel for.
    /// </exception>
    /// <exception cref="OrtLibraryException">The native library has forgotten the custom operators.</exception>
    public GraphRun(string path, SessionSettings settings)
    {
        _options = settings.ToOptions();
        _session = Open(() => new InferenceSession(path, _options));
    }

    /// <summary>Opens a graph held in memory.</summary>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refuses the graph.</exception>
    /// <exception cref="OrtLibraryException">The native library has forgotten the custom operators.</exception>
    public GraphRun(byte[] model, SessionSettings settings)
    {
        _options = settings.ToOptions();
        _session = Open(() => new InferenceSession(model, _options));
    }

    public IReadOnlyList<string> InputNames => _session.InputNames;

    public IReadOnlyList<string> OutputNames => _session.OutputNames;

    /// <summary>
    /// Runs the whole graph once and returns the named outputs, in that order; the caller disposes them.
    /// </summary>
    public IDisposableReadOnlyCollection<OrtValue> Run(
        IReadOnlyDictionary<string, OrtValue> inputs, IReadOnlyCollection<string> outputs)
    {
        var given = InputNames.Where(inputs.ContainsKey).ToList();
        return _session.Run(_runOptions, given, [.. given.Select(name => inputs[name])], outputs);
    }

    /// <summary>An empty binding of inputs and outputs to memory.</summary>
    public OrtIoBinding CreateBinding() => _session.CreateIoBinding();

    /// <summary>Runs the whole graph once between the bound inputs and outputs.</summary>
    public void Run(OrtIoBinding binding) => _session.RunWithBinding(_runOptions, binding);

    /// <summary>Ends profiling and returns the profile's path.</summary>
    public string EndProfiling() => _session.EndProfiling();

    public void Dispose()
    {
        _runOptions.Dispose();
        _session.Dispose();
        _options.Dispose();
    }

    /// <summary>
    /// Microsoft.ML.OnnxRuntime.Managed opens plain sessions with a copy of the options. The copy that older native
    /// libraries make (1.19.2 does) has no custom operators; training sessions get the options themselves.
    /// </summary>
    private static InferenceSession Open(Func<InferenceSession> open)
    {
        try
        {
            return open();
        }
        catch (OnnxRuntimeException reason) when (
            reason.Message.Contains(OperatorSchema.Domain + ":", StringComparison.Ordinal))
        {
            throw new OrtLibraryException(
                $"A plain session of ONNX Runtime {OrtLibrary.Version} does not see custom operators when it is opened "
                + "from .NET. Run packed graphs in a training session there (--runtime training), or on a current "
                + "ONNX Runtime.",
                reason);
        }
    }
}
