using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes;

/// <summary>Finds element type and symbolic shape of every value of a graph, forward and backward.</summary>
/// <remarks>
/// <para>
/// Sizes flow from the graph's inputs and constants through the rules in <see cref="ShapeRules"/>; what the file
/// declares for a value in between fills only the gaps a rule leaves, because names there are arbitrary. A dimension
/// that nobody knows is named <c>value_dAXIS</c>, so that it equals no other and stays unbound.
/// </para>
/// <para>
/// Names stand for sizes of at least 1. Small integer tensors are followed element by element (<see
/// cref="IntegerTensor"/>), because exporters compute shapes inside the graph. Bodies of control-flow nodes are not
/// entered. What may be legal but is not understood stays unknown; only a contradiction is an error.
/// </para>
/// </remarks>
internal static class ShapeInference
{
    /// <summary>Infers the types of all values of the main graph, in linear time.</summary>
    /// <param name="model">The model; it is not changed.</param>
    /// <param name="bindings">
    /// Sizes of named dimensions for <see cref="InferredTypes.SizesOf"/>; inference itself stays symbolic.
    /// </param>
    /// <exception cref="ShapeInferenceException">A node cannot be valid.</exception>
    /// <exception cref="UnsupportedGraphException">The graph has a cycle.</exception>
    public static InferredTypes Infer(Model model, IReadOnlyDictionary<string, long>? bindings = null)
    {
        var state = new InferenceState(model.Graph);
        var context = new RuleContext(state, model.Opset);
        foreach (var node in TopologicalOrder.Of(model.Graph))
        {
            context.Begin(node);
            if (!model.Functions.Contains(node.Operator)) Apply(context, node);
            state.FillGaps(node);
        }
        return new InferredTypes(state.Types, state.Integers, bindings);
    }

    private static void Apply(RuleContext context, Node node)
    {
        try
        {
            if (ShapeRules.Table.TryGetValue(node.Operator, out var shapeRule)) shapeRule(context);
            if (IntegerRules.Table.TryGetValue(node.Operator, out var integerRule)
                && context.MayBeIntegers(output: 0)
                && integerRule(context) is { } integers)
            {
                context.SetIntegers(output: 0, integers);
            }
        }
        catch (DimensionLimitException)
        {
            // What the rule set so far stands; the rest takes the declared type like that of an unknown operator.
        }
    }
}
