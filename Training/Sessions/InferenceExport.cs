using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Training.Checkpoints;

namespace OnnxActNN.Training.Sessions;

/// <summary>
/// Makes an inference graph of an evaluation graph: parameters become constants, and what no wanted output needs goes.
/// </summary>
internal static class InferenceExport
{
    /// <summary>Changes the model so. Values within the graph may be wanted as outputs too.</summary>
    /// <exception cref="TrainingSessionException">
    /// The graph has no value of a wanted name, or a parameter's type is not supported.
    /// </exception>
    public static void Apply(Model model, Checkpoint parameters, IReadOnlyCollection<string> outputNames)
    {
        var graph = model.Graph;
        RunningStatistics.MakeInputs(graph, parameters.Frozen.Select(tensor => tensor.Name));
        KeepOutputs(graph, outputNames);
        RemoveDeadNodes(graph);
        var constants = parameters.Parameters.ToDictionary(tensor => tensor.Name);
        foreach (var input in graph.Inputs.ToList())
        {
            var isNeeded = input.Uses.Count > 0 || input.IsGraphOutput;
            if (isNeeded && !constants.ContainsKey(input.Name)) continue;
            graph.RemoveInput(input);
            if (!isNeeded) graph.RemoveValue(input);
            else if (input.Initializer is null) graph.AddInitializer(input, Constant(constants[input.Name]));
        }
    }

    private static void KeepOutputs(Graph graph, IReadOnlyCollection<string> names)
    {
        var wanted = names.Select(name => graph.FindOwn(name) ?? throw new TrainingSessionException(
            $"The evaluation graph has no value '{name}'; its outputs are "
            + $"{string.Join(", ", graph.Outputs.Select(output => output.Name))}.")).ToList();
        if (wanted.Count == 0) throw new TrainingSessionException("Name at least one output of the inference graph.");
        foreach (var output in graph.Outputs.ToList()) graph.RemoveOutput(output);
        foreach (var value in wanted) graph.AddOutput(value);
    }

    private static void RemoveDeadNodes(Graph graph)
    {
        var needed = Reach.Ancestors(graph.Outputs);
        foreach (var node in graph.Nodes.Reverse().Where(node => !needed.Contains(node)).ToList())
            GraphEditor.Remove(node);
        var unused = graph.Initializers.Where(
            value => value is { IsConstant: true, IsGraphOutput: false, Uses.Count: 0 });
        foreach (var constant in unused.ToList())
            graph.RemoveValue(constant);
    }

    private static DenseTensorData Constant(CheckpointTensor tensor) => tensor.ElementType switch
    {
        TensorElementType.Float => DenseTensorData.Floats(tensor.Dimensions, tensor.AsFloats().ToArray()),
        _ => throw new TrainingSessionException(
            $"Parameter '{tensor.Name}' is {tensor.ElementType}; only float32 parameters can be exported."),
    };
}
