using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Training.Sessions;

/// <summary>The evaluation graph over the parameters that are being trained; opened when first used.</summary>
/// <param name="read">Reads the graph.</param>
/// <param name="settings">How the session is opened.</param>
/// <param name="state">The parameters.</param>
internal sealed class EvalSession(Func<Model> read, SessionSettings settings, ModelState state) : IDisposable
{
    private BoundGraph? _graph;
    private OrtIoBinding? _binding;

    public Func<Model> Read => read;

    public BoundGraph Graph => _graph ??= Open();

    public StepOutputs Run(IReadOnlyCollection<OrtValue> inputs) => Graph.Run(_binding ??= Graph.Bind([]), inputs);

    public void Dispose()
    {
        _binding?.Dispose();
        _graph?.Dispose();
    }

    private BoundGraph Open()
    {
        var model = EvalGraph.Prepare(read());
        var inputs = model.Graph.Inputs.Where(input => input.Initializer is null).Select(input => input.Name);
        return new BoundGraph(
            "evaluation", model, settings, state.Values, [.. inputs.Where(name => !state.Values.ContainsKey(name))],
            [.. model.Graph.Outputs.Select(output => output.Name)]);
    }
}
