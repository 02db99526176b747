using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Training.Feeds;

/// <summary>
/// What the inputs and outputs of a training graph are for, by the name contract of ONNX Runtime's artifacts.
/// </summary>
/// <param name="Data">The caller's inputs, in the graph's order: samples, labels, masks.</param>
/// <param name="Trained">Parameters with a gradient.</param>
/// <param name="Frozen">Parameters that are only read.</param>
/// <param name="LossOutput">The output that is the loss.</param>
/// <param name="GradientOutputs">Outputs that say that a gradient has been added up, in the graph's order.</param>
/// <param name="ResetInput">
/// The flag that makes a step overwrite the gradients; null where the graph has no accumulators.
/// </param>
internal sealed record TrainingSignature(
    IReadOnlyList<GraphInput> Data,
    IReadOnlyList<GraphInput> Trained,
    IReadOnlyList<GraphInput> Frozen,
    string LossOutput,
    IReadOnlyList<string> GradientOutputs,
    string? ResetInput)
{
    /// <summary>Parameter name + this: the input for the buffer that its gradient is added to.</summary>
    public const string BufferSuffix = "_grad.accumulation.buffer";

    /// <summary>Parameter name + this: the output that says so.</summary>
    public const string UpdatedSuffix = "_grad.accumulation.out";

    private const string ResetName = "lazy_reset_grad";

    /// <summary>Reads the signature off a graph.</summary>
    /// <param name="graph">The training graph.</param>
    /// <param name="dataNames">Names of the caller's inputs, if known.</param>
    /// <param name="frozenNames">
    /// Names of parameters that are not trained, if known. Where neither is known, an untrained float input of fixed shape is a frozen
    /// parameter, provided that some input of the graph has a named dimension (the batch); otherwise it is the caller's.
    /// </param>
    /// <param name="lossName">The loss, if known; else the first output that is no gradient.</param>
    /// <exception cref="NotSupportedException">The graph has no output that could be a loss.</exception>
    public static TrainingSignature Read(
        Graph graph, IReadOnlySet<string>? dataNames = null, IReadOnlySet<string>? frozenNames = null, string? lossName = null)
    {
        var inputs = graph.Inputs.Where(input => input.Initializer is null).ToList();
        var names = inputs.Select(input => input.Name).ToHashSet();
        var trained = inputs.Where(input => names.Contains(input.Name + BufferSuffix)).Select(GraphInput.Of).ToList();
        var rest = inputs
            .Where(input => !names.Contains(input.Name + BufferSuffix) && input.Name != ResetName && !IsBuffer(input.Name, names))
            .Select(GraphInput.Of).ToList();
        var hasBatch = rest.Any(input => !input.Shape.IsStatic);
        bool IsFrozen(GraphInput input) =>
            frozenNames?.Contains(input.Name)
            ?? (dataNames is not null ? !dataNames.Contains(input.Name) : hasBatch && input.Shape.IsStatic && IsFloat(input));
        return new TrainingSignature(
            [.. rest.Where(input => !IsFrozen(input))],
            trained,
            [.. rest.Where(IsFrozen)],
            lossName ?? FindLoss(graph),
            [.. graph.Outputs.Select(output => output.Name).Where(IsGradient)],
            names.Contains(ResetName) ? ResetName : null);
    }

    private static bool IsBuffer(string name, HashSet<string> names) =>
        name.EndsWith(BufferSuffix, StringComparison.Ordinal) && names.Contains(name[..^BufferSuffix.Length]);

    private static bool IsGradient(string name) => name.EndsWith(UpdatedSuffix, StringComparison.Ordinal);

    private static bool IsFloat(GraphInput input) =>
        input.ElementType == TensorElementType.Float;

    private static string FindLoss(Graph graph) =>
        graph.Outputs.Select(output => output.Name).FirstOrDefault(name => !IsGradient(name))
        ?? throw new NotSupportedException("The graph has no output that could be a loss.");
}
