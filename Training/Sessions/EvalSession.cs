using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Training.Sessions;

/// <summary>The evaluation graph over the parameters that are being trained; opened when first used.</summary>
/// <param name="read">Reads the graph.</param>
/// <param name="options">How the session is opened, and what more it returns.</param>
/// <param name="state">The parameters.</param>
internal sealed class EvalSession(Func<Model> read, TrainingSessionOptions options, ModelState state) : IDisposable
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

    private static void AddOutput(Graph graph, string name)
    {
        var value = graph.FindOwn(name)
            ?? throw new TrainingSessionException($"The evaluation graph has no value '{name}'.");
        if (!value.IsGraphOutput) graph.AddOutput(value);
    }

    private BoundGraph Open()
    {
        var model = EvalGraph.Prepare(read());
        RunningStatistics.MakeInputs(model.Graph, state.StatisticsLayout.Names);
        foreach (var name in options.EvalOutputs) AddOutput(model.Graph, name);
        var inputs = model.Graph.Inputs.Where(input => input.Initializer is null).Select(input => input.Name);
        return new BoundGraph(
            "evaluation", model, options.Session, state.Values,
            [.. inputs.Where(name => !state.Values.ContainsKey(name))],
            [.. model.Graph.Outputs.Select(output => output.Name)]);
    }
}
