using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>Tells what the inputs of a training graph are for, by their names and shapes.</summary>
/// <remarks>
/// 1. <c>P_grad.accumulation.buffer</c> is the buffer of input P, and <c>lazy_reset_grad</c> the flag: the contract of
/// ONNX Runtime's artifacts.
/// 2. An input with such a buffer is trained; and so is one of fixed shape of which the graph computes <c>P_grad</c>,
/// as step graphs do.
/// 3. Where some other input has an open dimension (the batch), a floating-point input of fixed shape is a parameter
/// that is not trained.
/// 4. All others are the caller's data.
/// </remarks>
internal static class InputRoles
{
    /// <summary>Parameter name + this: the input for the buffer that its gradient is added to.</summary>
    public const string BufferSuffix = "_grad.accumulation.buffer";

    private const string GradientSuffix = "_grad";
    private const string ResetName = "lazy_reset_grad";

    /// <summary>The inputs that are no constants, in the graph's order, with their roles.</summary>
    public static IReadOnlyList<(Value Input, InputRole Role)> Of(Graph graph)
    {
        var inputs = graph.Inputs.Where(input => input.Initializer is null).ToList();
        var buffered = inputs.Where(input => input.Name.EndsWith(BufferSuffix, StringComparison.Ordinal))
            .Select(buffer => buffer.Name[..^BufferSuffix.Length])
            .Where(name => graph.FindOwn(name) is { IsGraphInput: true, Initializer: null }).ToHashSet();
        var roles = new (Value Input, InputRole Role)[inputs.Count];
        for (var at = 0; at < roles.Length; at++) roles[at] = (inputs[at], RoleByName(graph, inputs[at], buffered));
        if (!Array.Exists(
            roles, known => known.Role == InputRole.Data && known.Input.Declared?.Shape is { IsStatic: false }))
            return roles;
        foreach (ref var known in roles.AsSpan())
        {
            if (known.Role == InputRole.Data && IsFixedFloat(known.Input)) known.Role = InputRole.FrozenParameter;
        }
        return roles;
    }

    /// <param name="graph">The graph.</param>
    /// <param name="input">One of its inputs.</param>
    /// <param name="buffered">Names of the inputs that have a buffer.</param>
    private static InputRole RoleByName(Graph graph, Value input, HashSet<string> buffered)
    {
        if (input.Name == ResetName) return InputRole.ResetFlag;
        if (IsBuffer(input.Name, buffered)) return InputRole.GradientBuffer;
        var isTrained = buffered.Contains(input.Name)
            || (IsFixedFloat(input) && graph.Find(input.Name + GradientSuffix) is not null);
        return isTrained ? InputRole.TrainedParameter : InputRole.Data;
    }

    private static bool IsBuffer(string name, HashSet<string> buffered) =>
        name.EndsWith(BufferSuffix, StringComparison.Ordinal)
        && buffered.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name.AsSpan(..^BufferSuffix.Length));

    private static bool IsFixedFloat(Value input) =>
        input.Declared is { Shape.IsStatic: true } type && type.ElementType.IsPackableFloat();
}
