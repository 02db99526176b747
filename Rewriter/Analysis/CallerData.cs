using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>
/// Which values depend on the caller's data. The others are computed from parameters alone (a transposed weight): they are
/// no activations, and noise on them would be noise on the parameters.
/// </summary>
internal sealed class CallerData
{
    private readonly HashSet<Value> _dependent;

    public CallerData(Graph graph)
    {
        var candidates = graph.Inputs.Where(input => input.Initializer is null && !HasGradient(graph, input)).ToList();
        var hasOpenShapes = candidates.Exists(input => input.Declared?.Shape is { IsStatic: false });
        var data = candidates.Where(input => !(hasOpenShapes && IsFrozenParameter(input)));
        var generated = graph.Nodes.Where(node => node.Inputs.Count == 0 && node.Operator.Type != "Constant")
            .SelectMany(node => node.Outputs).OfType<Value>();
        _dependent = Reach.From(graph, data.Concat(generated)).Values;
    }

    public bool Reaches(Value value) => _dependent.Contains(value);

    private static bool HasGradient(Graph graph, Value input) =>
        graph.Find($"{input.Name}_grad") is not null || graph.Find($"{input.Name}_grad.accumulation.buffer") is not null;

    /// <summary>
    /// Where data has a batch dimension, a floating-point input of fixed shape is a parameter that is not trained.
    /// </summary>
    private static bool IsFrozenParameter(Value input) =>
        input.Declared is { Shape.IsStatic: true } type && type.ElementType.IsPackableFloat();
}
