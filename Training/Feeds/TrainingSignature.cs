using OnnxActNN.Rewriter.Analysis;
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
    /// <summary>Parameter name + this: the output that says so.</summary>
    public const string UpdatedSuffix = "_grad.accumulation.out";

    /// <summary>Reads the signature off a graph.</summary>
    /// <param name="graph">The training graph.</param>
    /// <param name="dataNames">Names of the caller's inputs, if known.</param>
    /// <param name="frozenNames">
    /// Names of parameters that are not trained, if known; where neither is known, <see cref="InputRoles"/> decides.
    /// </param>
    /// <param name="lossName">The loss, if known; else the first output that is no gradient.</param>
    /// <exception cref="NotSupportedException">The graph has no output that could be a loss.</exception>
    public static TrainingSignature Read(
        Graph graph, IReadOnlySet<string>? dataNames = null, IReadOnlySet<string>? frozenNames = null,
        string? lossName = null)
    {
        var roles = InputRoles.Of(graph);
        var names = roles.Select(input => input.Input.Name).ToHashSet();
        bool HasBuffer(Value input) => names.Contains(input.Name + InputRoles.BufferSuffix);
        bool IsFrozen((Value Input, InputRole Role) input) =>
            frozenNames?.Contains(input.Input.Name)
            ?? (dataNames is not null ? !dataNames.Contains(input.Input.Name) : input.Role != InputRole.Data);
        var isFrozen = roles
            .Where(input => !HasBuffer(input.Input)
                && input.Role is not (InputRole.GradientBuffer or InputRole.ResetFlag))
            .ToLookup(IsFrozen, input => GraphInput.Of(input.Input));
        return new TrainingSignature(
            [.. isFrozen[false]],
            [.. roles.Where(input => HasBuffer(input.Input)).Select(input => GraphInput.Of(input.Input))],
            [.. isFrozen[true]],
            lossName ?? FindLoss(graph),
            [.. graph.Outputs.Select(output => output.Name).Where(IsGradient)],
            roles.FirstOrDefault(input => input.Role == InputRole.ResetFlag).Input?.Name);
    }

    private static bool IsGradient(string name) => name.EndsWith(UpdatedSuffix, StringComparison.Ordinal);

    private static string FindLoss(Graph graph) =>
        graph.Outputs.Select(output => output.Name).FirstOrDefault(name => !IsGradient(name))
        ?? throw new NotSupportedException("The graph has no output that could be a loss.");
}
