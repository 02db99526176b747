using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.Rewriter.Plans;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Feeds;

namespace OnnxActNN.Training.Sessions;

/// <summary>
/// A training graph made ready for the current ONNX Runtime, and what its inputs and outputs are for.
/// </summary>
internal sealed class StepGraph
{
    private const string GradientSuffix = "_grad";

    private StepGraph(
        Model model, Checkpoint state, IReadOnlyDictionary<string, string> gradientOf,
        IReadOnlyList<CheckpointTensor> statistics,
        IReadOnlyDictionary<string, string> statisticOf, SavedTensorReport? report)
    {
        (Model, GradientOf, Statistics, StatisticOf, Report) = (model, gradientOf, statistics, statisticOf, report);
        var known = state.Parameters.Concat(statistics).Select(tensor => tensor.Name).ToHashSet();
        var inputs = model.Graph.Inputs.Where(input => input.Initializer is null).Select(input => input.Name).ToList();
        DataInputs = [.. inputs.Where(name => !known.Contains(name))];
        var others = gradientOf.Values.Concat(statisticOf.Values).ToHashSet();
        Outputs = [.. model.Graph.Outputs.Select(output => output.Name).Where(name => !others.Contains(name))];
    }

    public Model Model { get; }

    /// <summary>Output that is a trained parameter's gradient, by the parameter's name, in the graph's order.</summary>
    public IReadOnlyDictionary<string, string> GradientOf { get; }

    /// <summary>Running statistics as exported: inputs too.</summary>
    public IReadOnlyList<CheckpointTensor> Statistics { get; }

    /// <summary>Output that is a running statistic's successor, by the statistic's name.</summary>
    public IReadOnlyDictionary<string, string> StatisticOf { get; }

    /// <summary>The caller's inputs, in the graph's order.</summary>
    public IReadOnlyList<string> DataInputs { get; }

    /// <summary>The same with types and shapes.</summary>
    public IReadOnlyList<GraphInput> DataTypes =>
        [.. DataInputs.Select(name => GraphInput.Of(Model.Graph.FindOwn(name)!))];

    /// <summary>The outputs that are no gradients; the first is the loss.</summary>
    public IReadOnlyList<string> Outputs { get; }

    /// <summary>What was decided for each saved tensor; null where nothing was to be packed.</summary>
    public SavedTensorReport? Report { get; }

    /// <summary>Lowers the model, and packs it where that is asked for. The model is used up.</summary>
    /// <param name="model">A training graph of <c>generate_artifacts</c>, or one that is lowered already.</param>
    /// <param name="state">The parameters.</param>
    /// <param name="options">How to pack; null not to.</param>
    /// <exception cref="TrainingSessionException">Graph and checkpoint do not fit.</exception>
    /// <exception cref="LoweringException">The graph has operators that cannot be lowered.</exception>
    /// <exception cref="UnsupportedGraphException">The model is no training graph, or is rewritten already.</exception>
    /// <exception cref="PlanFormatException">The options' plan is of another graph.</exception>
    public static StepGraph Prepare(Model model, Checkpoint state, RewriteOptions? options)
    {
        var places = FindGradients(model.Graph, state);
        var ownOutputs = model.Graph.Outputs.Count;
        // Of the graph as it came, as a plan's is; its running statistics become outputs.
        var fingerprint = options?.Plan is null ? null : ModelFingerprint.Of(model);
        var statistics = RunningStatistics.Expose(model.Graph);
        SavedTensorReport? report = null;
        if (options is not null)
        {
            report = TrainingGraphRewriter.Rewrite(
                model, options with { Runtime = TargetRuntime.Stock }, fingerprint).Report;
        }
        else if (model.Graph.Nodes.Any(node => TrainingOperators.Contains(node.Operator)))
            GraphLowering.Lower(model);
        // By position: lowering renames an output where its name is taken.
        var gradientOf = places.ToDictionary(place => place.Key, place => model.Graph.Outputs[place.Value].Name);
        var statisticOf = statistics.Select(
            (tensor, index) => (tensor.Name, Output: model.Graph.Outputs[ownOutputs + index].Name))
            .ToDictionary(pair => pair.Name, pair => pair.Output);
        return new StepGraph(model, state, gradientOf, statistics, statisticOf, report);
    }

    /// <summary>The place among the graph's outputs of each trained parameter's gradient.</summary>
    /// <exception cref="TrainingSessionException">
    /// There is none, or one of a parameter that the checkpoint does not have.
    /// </exception>
    internal static Dictionary<string, int> FindGradients(Graph graph, Checkpoint state)
    {
        var trained = state.Trained.Select(tensor => tensor.Name).ToHashSet();
        var places = new Dictionary<string, int>();
        var strangers = new List<string>();
        for (var index = 0; index < graph.Outputs.Count; index++)
        {
            if (ParameterOf(graph, graph.Outputs[index].Name) is not { } parameter) continue;
            if (trained.Contains(parameter)) places[parameter] = index;
            else strangers.Add(parameter);
        }
        if (strangers.Count > 0)
        {
            throw new TrainingSessionException(
                $"The checkpoint has no trained parameter '{string.Join("', '", strangers)}', "
                + "of which the graph gives a gradient. "
                + "Use the checkpoint that was made with this graph.");
        }
        return places.Count > 0 ? places : throw new TrainingSessionException(
            "The training graph gives no gradient of a parameter of the checkpoint. "
            + "Use training_model.onnx and checkpoint of one folder.");
    }

    private static string? ParameterOf(Graph graph, string output)
    {
        foreach (var suffix in (string[])[TrainingSignature.UpdatedSuffix, GradientSuffix])
        {
            if (output.EndsWith(suffix, StringComparison.Ordinal)
                && graph.FindOwn(output[..^suffix.Length]) is { IsGraphInput: true } parameter)
                return parameter.Name;
        }
        return null;
    }
}
